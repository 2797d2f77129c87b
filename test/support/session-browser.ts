import type { GraphQLAnswer, TestHub } from './hub.js';

/** Somebody in front of a browser: the one cookie of the hub is kept and sent, as browsers do. */
export class SessionBrowser {
  cookie: string | undefined;
  /** Of the last answer; null when the answer set none. */
  setCookie: string | null = null;

  constructor(private readonly hub: TestHub) {}

  async ask(query: string, variables: Record<string, unknown> = {}, token?: string): Promise<GraphQLAnswer> {
    const answer = await this.hub.ask(query, variables, token, this.cookie ? { cookie: this.cookie } : {});
    this.setCookie = answer.headers.get('set-cookie');
    if (this.setCookie) this.cookie = this.setCookie.split(';', 1)[0];
    return answer;
  }
}
