import { isDeepStrictEqual } from 'node:util';
import type { GraphQLAnswer, TestHub } from '../support/hub.js';

const INDENT = '    ';
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'accessToken',
  'refreshToken',
  'idToken',
  'clientSecret',
  'password',
  'state',
]);

/** A step whose outcome is not the one that the demo promises. */
export class DemoError extends Error {}

/** Tells what is asked of the hub and what comes back, step by step, without secrets. */
export class DemoStory {
  private stepCount = 0;
  private title = '';
  /** Whose session the next requests carry. */
  session: string | undefined;

  constructor(
    private readonly hub: Pick<TestHub, 'ask'>,
    private readonly print: (line: string) => void,
  ) {}

  get steps(): number {
    return this.stepCount;
  }

  /** @throws DemoError that names the step in which it broke off */
  async tell(story: () => Promise<void>): Promise<void> {
    try {
      await story();
    } catch (error) {
      if (error instanceof DemoError) throw error;
      const message = `Step ${this.stepCount} (${this.title}) broke off: ${(error as Error).message}. What came last is above.`;
      throw new DemoError(message, { cause: error });
    }
  }

  step(title: string, explanation: string): void {
    this.stepCount += 1;
    this.title = title;
    this.print(`\n${this.stepCount}. ${title}`);
    this.say(explanation);
  }

  say(text: string): void {
    this.print(INDENT + text);
  }

  /** One operation over HTTP, shown with its answer. */
  async ask(document: string, variables: Record<string, unknown> = {}): Promise<GraphQLAnswer> {
    this.say(`→ ${document.replace(/\s+/g, ' ').trim()}`);
    if (Object.keys(variables).length > 0) this.say(`  ${masked(variables)}`);
    const answer = await this.hub.ask(document, variables, this.session);
    this.say(`← ${masked(answer.data)}`);
    for (const { extensions, message, path } of answer.errors) {
      this.say(`← ${String(extensions['code'])} at ${path?.join('.') ?? 'the request'}: ${message}`);
    }
    return answer;
  }

  /** @throws DemoError */
  expect(what: string, actual: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(actual, expected)) this.differ(`${what} is ${masked(actual)}, not ${masked(expected)}`);
    this.say(`✓ ${what}: ${masked(actual)}`);
  }

  /** @throws DemoError */
  expectThat(what: string, holds: boolean): void {
    if (!holds) this.differ(`it does not hold that ${what}`);
    this.say(`✓ ${what}`);
  }

  private differ(how: string): never {
    throw new DemoError(`Step ${this.stepCount} (${this.title}) is not as expected: ${how}.`);
  }
}

/** As JSON; of a secret only its length is left. */
function masked(value: unknown): string {
  const json = JSON.stringify(value, (name, each: unknown) => {
    if (typeof each !== 'string') return each;
    return SECRET_FIELDS.has(name) ? `••• ${each.length} characters` : each.replace(/(\/oauth\/start\/).+/, '$1•••');
  });
  return json ?? 'missing';
}
