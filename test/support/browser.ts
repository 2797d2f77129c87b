interface Cookie {
  host: string;
  name: string;
  path: string;
  value: string;
}

export interface Person {
  /** What is typed into a login form. */
  login?: string;
  /** Leaves the form by its link to abort. */
  deny?: boolean;
}

const MAX_STEPS = 20;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" };

/** What a browser does with an authorization link: keeps cookies, follows redirects, fills in the provider's forms. */
export class Browser {
  private cookies: Cookie[] = [];

  /**
   * Goes on from a link until a redirect leads to a URL that begins with `until`, without opening that one.
   *
   * @throws Error that shows the page on which it went no further
   */
  async follow(link: string, until: string, person: Person = {}): Promise<URL> {
    let response = await this.open(link);
    let url = link;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const location = response.headers.get('location');
      if (location === null) {
        const page = await response.text();
        [url, response] = await this.answer(url, page, person);
        continue;
      }
      url = new URL(location, url).href;
      if (url.startsWith(until)) return new URL(url);
      response = await this.open(url);
    }
    throw new Error(`The browser was sent around ${MAX_STEPS} times, last to ${url}`);
  }

  /** One request with the cookies that belong to it; a redirect is not followed. */
  async open(
    url: string,
    form?: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { hostname, pathname } = new URL(url);
    const cookies = this.cookies.filter((each) => each.host === hostname && pathname.startsWith(each.path));
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie && { cookie }), ...headers },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    response.headers.getSetCookie().forEach((line) => this.keep(hostname, line));
    return response;
  }

  /** Values of the cookies by their names, for who looks into the browser. */
  jar(): Record<string, string> {
    return Object.fromEntries(this.cookies.map(({ name, value }) => [name, value]));
  }

  /** As if somebody had put it there. */
  plant(host: string, name: string, value: string): void {
    this.keep(host, `${name}=${value}; Path=/`);
  }

  private async answer(
    url: string,
    page: string,
    { login = 'ada', deny = false }: Person,
  ): Promise<[string, Response]> {
    const target = (deny ? /href="([^"]*abort[^"]*)"/ : /<form[^>]* action="([^"]*)"/).exec(page)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (target === undefined || prompt === undefined) throw new Error(`No way on from ${url}:\n${page.slice(0, 4000)}`);
    const next = new URL(unescaped(target), url).href;
    return [next, await this.open(next, deny ? undefined : { prompt, login, password: 'any password' })];
  }

  private keep(host: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const attribute = (key: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${key}=`))?.split('=')[1];
    const path = attribute('path') ?? '/';
    this.cookies = this.cookies.filter((each) => each.host !== host || each.name !== name || each.path !== path);
    const isOver = attribute('max-age') === '0' || Date.parse(attribute('expires') ?? '') < Date.now();
    if (!isOver) this.cookies.push({ host, name, path, value });
  }
}

function unescaped(text: string): string {
  return text.replace(/&(amp|quot|lt|gt|#39);/g, (_entity, name: string) => ENTITIES[name] ?? '');
}
