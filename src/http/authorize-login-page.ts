import { page, problemSummary } from './authorize-page.js';
import { html } from './html.js';

export interface LoginForm {
  /** Where it is sent. */
  readonly action: string;
  readonly csrf: string;
  /** On whose behalf the person is here. */
  readonly clientName: string;
  readonly email: string;
  /** Why it is shown again. */
  readonly problem: string | null;
}

/** Who is it? The password is never shown again. */
export function loginPage({ action, clientName, csrf, email, problem }: LoginForm): string {
  const title = 'Log in';
  const described = problem === null ? [] : [html` aria-invalid="true" aria-describedby="problem"`];
  const summary = problem === null ? [] : [problemSummary('You are not logged in', problem)];
  const [emailFocus, passwordFocus] =
    problem !== null ? ['', ''] : email === '' ? [' autofocus', ''] : ['', ' autofocus'];
  return page(
    problem === null ? title : `Error: ${title}`,
    html`<h1>${title}</h1>
      <p>to go on to <bdi>${clientName}</bdi></p>
      ${summary}
      <form method="post" action="${action}">
        <input type="hidden" name="csrf" value="${csrf}" />
        <label for="email">E-mail address</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          maxlength="254"
          required
          value="${email}"
          ${described}${emailFocus}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1000"
          required
          ${described}${passwordFocus}
        />
        <button class="main" type="submit">Log in</button>
      </form>`,
  );
}
