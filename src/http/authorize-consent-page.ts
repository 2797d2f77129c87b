import { isolated } from '../bidi.js';
import type { AuthorizationRequest } from '../issuer/consents.js';
import type { UserEntity } from '../user/user.entity.js';
import { page } from './authorize-page.js';
import { type Html, html } from './html.js';
import { scopeWords } from './scope-words.js';

export interface ConsentForm {
  /** Where it is sent. */
  readonly action: string;
  readonly csrf: string;
  readonly request: AuthorizationRequest;
  readonly user: UserEntity;
}

/** May the client act as the person? */
export function consentPage({ action, csrf, request, user }: ConsentForm): string {
  const { asked, client, redirectUri } = request;
  return page(
    `Allow ${isolated(client.name)}?`,
    html`<h1>Allow <bdi>${client.name}</bdi> to act as you?</h1>
      <p>
        You are logged in as <strong><bdi>${user.name}</bdi></strong> (<bdi>${user.email ?? ''}</bdi>).
        <button class="link" type="submit" form="consent" name="decision" value="log-out">Use another account</button>
      </p>
      <h2 id="scopes">It asks to</h2>
      <ul aria-labelledby="scopes">
        ${items(asked.scopes).map((words) => html`<li>${words}</li>`)}
      </ul>
      <dl>
        ${resources(asked.resource)} ${contact(request)}
        <dt>You go on to</dt>
        <dd><bdi>${placeOf(redirectUri)}</bdi></dd>
      </dl>
      <form method="post" action="${action}" id="consent">
        <input type="hidden" name="csrf" value="${csrf}" />
        <button class="main" type="submit" name="decision" value="allow">Allow</button>
        <button type="submit" name="decision" value="deny">Deny</button>
      </form>`,
  );
}

/** Whoever consents gives a refresh token, whether `offline_access` was asked for or not: that is said each time. */
function items(scopes: readonly string[]): string[] {
  const words = scopes.filter((scope) => scope !== 'offline_access').map(scopeWords);
  return [...(words.length > 0 ? words : ['Know that you are here']), scopeWords('offline_access')];
}

function resources(uris: readonly string[]): Html[] {
  if (uris.length === 0) return [];
  return [
    html`<dt>At</dt>
      ${uris.map((uri) => html`<dd><bdi>${uri}</bdi></dd>`)}`,
  ];
}

function contact({ client: { contactEmail, contactName } }: AuthorizationRequest): Html[] {
  const parts = [contactName, contactEmail].filter((part) => part !== null && part !== '');
  if (parts.length === 0) return [];
  return [
    html`<dt>It is run by</dt>
      <dd><bdi>${parts.join(', ')}</bdi></dd>`,
  ];
}

/** The host; of an app, its scheme. */
function placeOf(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri);
  return host === '' || !/^https?:$/.test(protocol) ? `an app on this device (${protocol})` : host;
}
