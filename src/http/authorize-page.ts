import { Html, hashSource, html } from './html.js';

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:8vh auto;padding:0 1rem;color:#1b1b1f;background:#fff}' +
  'h1{font-size:1.4rem}a{color:#0b57d0}label{display:block;margin:1rem 0 .25rem;font-weight:600}dt{font-weight:600}dd{margin:0 0 .75rem}' +
  'input,button{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;border:1px solid #6b6b76;border-radius:.4rem}' +
  'input{color:inherit;background:transparent}button{margin-top:1rem;color:#1b1b1f;background:#ececf1;cursor:pointer}' +
  'button.main{color:#fff;background:#0b57d0;border-color:#0b57d0}' +
  'button.link{width:auto;margin:0;padding:0;color:#0b57d0;background:none;border:0;text-decoration:underline}' +
  ':focus-visible{outline:3px solid #0b57d0;outline-offset:2px}' +
  '.problem{padding:.75rem 1rem;border:2px solid #a3161e;border-radius:.4rem}.problem h2{margin:0;font-size:1rem;color:#a3161e}.problem p{margin:.25rem 0 0}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e6e9;background:#1b1b1f}a,button.link{color:#9ec1ff}button.main{color:#10131a;background:#9ec1ff}' +
  ':focus-visible{outline-color:#9ec1ff}.problem{border-color:#ff9a9f}.problem h2{color:#ff9a9f}}';
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

/**
 * A page that needs nothing but its own style, and that nobody may frame. Chromium holds the redirect that answers a form
 * against `form-action` too, and those that follow it: so it names the schemes to which a client may be answered.
 *
 * Not `no-referrer` where there is a form: browsers would send it without its origin.
 *
 * @param redirectUri where the forms of the page lead in the end; null where it has none
 */
export function pageHeaders(redirectUri: string | null): Record<string, string> {
  const scheme = redirectUri === null ? null : (/^[a-z][a-z\d+.-]*:/i.exec(redirectUri)?.[0].toLowerCase() ?? null);
  const targets =
    redirectUri === null ? "'none'" : [...new Set(["'self'", 'https:', scheme])].filter(Boolean).join(' ');
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': redirectUri === null ? 'no-referrer' : 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy':
      `default-src 'none'; style-src '${hashSource(STYLE)}'; base-uri 'none'; form-action ${targets}; ` +
      "frame-ancestors 'none'",
  };
}

export function page(title: string, content: Html): string {
  const { text } = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>${title} – Integration Hub</title>
      ${STYLE_ELEMENT}
    </head>
    <body>
      <main>${content}</main>
    </body>
  </html>`;
  return `<!doctype html>${text}`;
}

/** What went wrong, read out at once where there is a screen reader. */
export function problemSummary(title: string, message: string): Html {
  return html`<div class="problem" role="alert" id="problem" tabindex="-1" autofocus>
    <h2>${title}</h2>
    <p>${message}</p>
  </div>`;
}

/** A page on which nothing can be done, but perhaps to start again. */
export function problemPage(title: string, message: string, again?: string): string {
  const link = again === undefined ? [] : [html`<p><a href="${again}">Start again</a></p>`];
  return page(
    title,
    html`<h1>${title}</h1>
      <p role="alert">${message}</p>
      ${link}`,
  );
}
