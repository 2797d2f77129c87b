export interface OAuthAnswer {
  status: number;
  headers: Headers;
  body: any;
}

export type Form = Record<string, string> | string;

/** Posts a form to an OAuth endpoint. */
export async function postForm(url: string, form: Form, headers: Record<string, string> = {}): Promise<OAuthAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}
