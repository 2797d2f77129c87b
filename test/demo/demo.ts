import 'reflect-metadata';
import { createServer } from 'node:net';
import { TestHub } from '../support/hub.js';
import { startUpstream } from '../support/upstream.js';
import { DemoStory } from './demo-story.js';
import { DemoWalk } from './demo-walk.js';
import { ThirdPartyWalk } from './third-party-walk.js';

/** What runs, to be stopped in reverse order; nothing of it is left behind. */
const running: { stop(): Promise<void> }[] = [];

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(1)));
}
try {
  await show();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`\n${(error as Error).message}\n`);
} finally {
  await stop();
}

/** A hub and an authorization server on loopback, the data in a temporary folder. */
async function show(): Promise<void> {
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const upstream = await startUpstream({ redirectUris: [`${publicUrl}/oauth/callback/demo`] });
  running.push(upstream);
  const hub = await TestHub.start({ port, env: { PUBLIC_URL: publicUrl } });
  running.push(hub);
  print(`The hub serves ${publicUrl}/graphql, a real authorization server ${upstream.issuer}.`);
  print('→ is what the hub is asked, ← what it answers, ✓ what was checked. Secrets are shown as ••• only.');
  const story = new DemoStory(hub, print);
  await story.tell(async () => {
    const manager = await new DemoWalk(story, hub, upstream).walk();
    await new ThirdPartyWalk(story, hub).walk(manager);
  });
  print(
    `\nAll ${story.steps} steps went as expected: discovery, two grants, reads, rotation, reset, rename, revocation, ` +
      'a refused secret, the audit trail, and a third party that is let in and shut out.',
  );
}

async function stop(): Promise<void> {
  for (const each of running.splice(0).reverse()) await each.stop();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
