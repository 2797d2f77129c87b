import { expect } from '@jest/globals';
import { ProviderFailure } from '../../src/oauth/provider-failure.js';

export function thrownFailure(action: () => unknown): ProviderFailure {
  let thrown: unknown = 'nothing';
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ProviderFailure);
  return thrown as ProviderFailure;
}

export async function failureOf(attempt: Promise<unknown>): Promise<ProviderFailure> {
  const outcome = await attempt.then(
    () => 'nothing',
    (reason: unknown) => reason,
  );
  expect(outcome).toBeInstanceOf(ProviderFailure);
  return outcome as ProviderFailure;
}
