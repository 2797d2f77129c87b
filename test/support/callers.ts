import type { Ask, TestHub } from './hub.js';
import { MANAGER } from './hub.js';

/** Everybody who can ask a hub, by what the rules tell apart. */
export interface Callers {
  manager: Ask;
  auditor: Ask;
  member: Ask;
  anonymous: Ask;
  ids: { manager: string; auditor: string; member: string };
}
export type Caller = 'manager' | 'auditor' | 'member' | 'anonymous';

export const CALLERS: readonly Caller[] = ['manager', 'auditor', 'member', 'anonymous'];

/** Signs one caller of each role in. */
export async function everyCaller(hub: TestHub): Promise<Callers> {
  const manager = hub.as(await hub.login(MANAGER));
  const [auditor, member] = [await hub.asNew('AUDITOR'), await hub.asNew('MEMBER')];
  const { data } = await manager('{ viewer { id } }');
  return {
    manager,
    auditor: auditor.ask,
    member: member.ask,
    anonymous: hub.as(),
    ids: { manager: data.viewer.id as string, auditor: auditor.id, member: member.id },
  };
}
