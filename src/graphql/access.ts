import { Extensions } from 'type-graphql';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';
import { HUB_SCOPES, type HubScope } from '../hub-scope.js';
import { requireFullReach } from '../reach.js';
import { type Actor, missingScopes } from '../request-context.js';
import type { Role } from '../user/role.js';

interface Rule {
  signedIn: boolean;
  roles: readonly Role[] | null;
  /** What the token of a machine must be good for; null where machines have no business. */
  scopes: readonly HubScope[] | null;
  /** Whether it is not for machines that are limited to named tokens or providers. */
  wholeHub?: true;
}

/**
 * Who may read a field or call a mutation. Every field of every object type names one of these; a schema in which one is
 * missing is not built.
 */
export const ACCESS_RULES = {
  /** Everybody, signed in or not. */
  ANYONE: { signedIn: false, roles: null, scopes: [] },
  /** Everybody who is signed in; what they see inside is decided record by record. */
  SIGNED_IN: { signedIn: true, roles: null, scopes: ['hub:read'] },
  /** Everybody but machines, signed in or not. */
  SESSION: { signedIn: false, roles: null, scopes: null },
  /** Everybody who is signed in as a person. */
  PERSON: { signedIn: true, roles: null, scopes: null },
  /** Whoever may see the record that carries the field. */
  RECORD: { signedIn: false, roles: null, scopes: [] },
  /** As RECORD, except that a value marked secret is for System Managers only; its resolver decides. */
  PARAMETER: { signedIn: false, roles: null, scopes: [] },
  /** Who watches over the hub. */
  OBSERVER: { signedIn: true, roles: ['SYSTEM_MANAGER', 'AUDITOR'], scopes: ['hub:audit'] },
  /** Who runs the hub: configuration and lifecycle. */
  MANAGER: { signedIn: true, roles: ['SYSTEM_MANAGER'], scopes: ['hub:manage'] },
  /** As MANAGER, for what no named token or provider bounds. */
  WHOLE_HUB: { signedIn: true, roles: ['SYSTEM_MANAGER'], scopes: ['hub:manage'], wholeHub: true },
  /** Who may do everything: whoever changes people can make himself one who may. */
  FULL: { signedIn: true, roles: ['SYSTEM_MANAGER'], scopes: HUB_SCOPES, wholeHub: true },
  /** A secret value: System Manager only, each read is an audit event. */
  SECRET: { signedIn: true, roles: ['SYSTEM_MANAGER'], scopes: ['hub:secrets'] },
} as const satisfies Record<string, Rule>;
export type AccessRule = keyof typeof ACCESS_RULES;

/** Gives a field of the schema its access rule, in `extensions.access` of the built schema. */
export function Access(rule: AccessRule): MethodDecorator & PropertyDecorator {
  return Extensions({ access: rule });
}

/** Said to people and machines. */
export function tokenNeeded(what: string): string {
  return `${what} needs the header 'Authorization: Bearer <access token>': a person gets one by the login mutation, a machine at the token endpoint.`;
}

/** @throws UnauthenticatedError, ForbiddenError */
export function requireAccess(rule: AccessRule, actor: Actor | null, what: string): void {
  const { signedIn, roles, scopes, wholeHub }: Rule = ACCESS_RULES[rule];
  if (signedIn && !actor) throw new UnauthenticatedError(tokenNeeded(what));
  if (roles && !actor?.roles.some((role) => roles.includes(role))) {
    throw new ForbiddenError(`${what} needs the role ${roles.join(' or ')}: ask a System Manager.`);
  }
  if (actor?.client && !scopes) throw new ForbiddenError(`${what} is for people: a machine has no session.`);
  const missing = missingScopes(actor, scopes ?? []);
  if (missing.length > 0)
    throw new ForbiddenError(`${what} needs a token with the scope ${missing.join(' ')}: ask for one.`, missing);
  if (wholeHub) requireFullReach({ actor }, what);
}
