import { escapeHtml, hashSource } from './html.js';

/** What a person is told when the browser comes back from a provider. */
export interface CallbackOutcome {
  readonly success: boolean;
  readonly title: string;
  /** In words, with what to do next; never a token, code or state. */
  readonly message: string;
  /** Where the browser goes on to; from the allow-list. */
  readonly returnTo?: string;
  /** For the window that opened this one. */
  readonly tokenId?: string;
}

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1b1b1f;background:#fff}' +
  'h1{font-size:1.4rem}.ok{color:#0a6b2d}.no{color:#a3161e}a{color:#0b57d0}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e6e9;background:#1b1b1f}.ok{color:#6fd491}.no{color:#ff9a9f}a{color:#9ec1ff}}';

/** In a pop-up: tells the opener, and closes when there is nothing to read. */
const SCRIPT =
  'if(window.opener){const d=document.body.dataset;' +
  'for(const o of JSON.parse(d.origins))window.opener.postMessage({type:"hub:authorization",success:d.success==="true",tokenId:d.token||null},o);' +
  'if(d.success==="true")window.close()}';

/** The page needs nothing but its own style and script, and nobody may frame it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    `default-src 'none'; style-src '${hashSource(STYLE)}'; script-src '${hashSource(SCRIPT)}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** @param origins of the frontends that may learn of the outcome in a pop-up */
export function callbackPage(outcome: CallbackOutcome, origins: readonly string[]): string {
  const { success, title, message, returnTo, tokenId } = outcome;
  const next = returnTo ? `<p><a href="${escapeHtml(returnTo)}">Continue</a></p>` : '<p>You can close this window.</p>';
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    (returnTo && success ? `<meta http-equiv="refresh" content="2;url=${escapeHtml(returnTo)}">` : '') +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
    `<body data-success="${success}" data-token="${escapeHtml(tokenId ?? '')}" data-origins="${escapeHtml(JSON.stringify(origins))}">` +
    `<main><h1 class="${success ? 'ok' : 'no'}">${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p>${next}</main>` +
    `<script>${SCRIPT}</script></body></html>`
  );
}
