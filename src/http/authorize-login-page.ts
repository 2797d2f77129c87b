import { page, problemSummary } from './authorize-page.js';
import { type Html, html } from './html.js';

export const LOGIN_FIELDS = ['email', 'password'] as const;

/** What a person is told of a login that failed. */
export interface LoginProblem {
  readonly message: string;
  /** Those that may be what is wrong. */
  readonly fields: readonly (typeof LOGIN_FIELDS)[number][];
}

export interface LoginForm {
  /** Where it is sent. */
  readonly action: string;
  readonly csrf: string;
  /** On whose behalf the person is here. */
  readonly clientName: string;
  readonly email: string;
  /** Why it is shown again. */
  readonly problem: LoginProblem | null;
}

/** Who is it? The password is never shown again. */
export function loginPage({ action, clientName, csrf, email, problem }: LoginForm): string {
  const title = 'Log in';
  const described = (field: (typeof LOGIN_FIELDS)[number]): Html[] =>
    problem?.fields.includes(field) ? [html` aria-invalid="true" aria-describedby="problem"`] : [];
  const summary = problem === null ? [] : [problemSummary('You are not logged in', problem.message)];
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
          ${described('email')}${emailFocus}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1000"
          required
          ${described('password')}${passwordFocus}
        />
        <button class="main" type="submit">Log in</button>
      </form>`,
  );
}
