import { describe, expect, it } from '@jest/globals';
import type { GraphQLAnswer } from '../support/hub.js';
import { DemoError, DemoStory } from './demo-story.js';

/** A story whose hub answers `data` to everything. */
function storyOf(data: unknown, errors: GraphQLAnswer['errors'] = []) {
  const lines: string[] = [];
  const ask = () => Promise.resolve({ status: 200, headers: new Headers(), data, errors });
  return { lines, story: new DemoStory({ ask }, (line) => lines.push(line)) };
}

describe('DemoStory', () => {
  it('shows requests and answers without their secrets', async () => {
    const link = 'https://hub.example/oauth/start/one-time';
    const { lines, story } = storyOf({ token: { accessToken: 'secret', url: link, name: 'crm' } }, [
      { message: 'No.', path: ['token', 'idToken'], extensions: { code: 'FORBIDDEN' } },
    ]);

    await story.ask('query {\n  token }', { input: { password: 'hidden', name: 'crm' } });

    expect(lines).toEqual([
      '    → query { token }',
      '      {"input":{"password":"••• 6 characters","name":"crm"}}',
      '    ← {"token":{"accessToken":"••• 6 characters","url":"https://hub.example/oauth/start/•••","name":"crm"}}',
      '    ← FORBIDDEN at token.idToken: No.',
    ]);
  });

  it('ends at the first outcome that differs, and names its step', async () => {
    const { story } = storyOf({});
    story.step('Log in', 'First.');
    story.expect('the roles', ['MEMBER'], ['MEMBER']);

    const differing = story.tell(async () => story.expect('the roles', undefined, ['MEMBER']));

    await expect(differing).rejects.toThrow(
      new DemoError('Step 1 (Log in) is not as expected: the roles is missing, not ["MEMBER"].'),
    );
  });

  it('names the step in which anything else broke', async () => {
    const { story } = storyOf({});
    story.step('Log in', 'First.');

    const broken = story.tell(async () => {
      const { data } = await story.ask('{ viewer }');
      data.viewer.name.trim();
    });

    await expect(broken).rejects.toThrow(/^Step 1 \(Log in\) broke off: Cannot read properties of undefined/);
  });
});
