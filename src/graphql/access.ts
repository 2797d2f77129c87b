import { Extensions } from 'type-graphql';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';
import type { Actor } from '../request-context.js';
import type { Role } from '../user/role.js';

/**
 * Who may read a field or call a mutation. Every field of every object type names one of these; a schema in which one is
 * missing is not built.
 */
export const ACCESS_RULES = {
  /** Everybody, signed in or not. */
  ANYONE: { signedIn: false, roles: null },
  /** Everybody who is signed in; what they see inside is decided record by record. */
  SIGNED_IN: { signedIn: true, roles: null },
  /** Whoever may see the record that carries the field. */
  RECORD: { signedIn: false, roles: null },
  /** As RECORD, except that a value marked secret is for System Managers only; its resolver decides. */
  PARAMETER: { signedIn: false, roles: null },
  /** Who watches over the hub. */
  OBSERVER: { signedIn: true, roles: ['SYSTEM_MANAGER', 'AUDITOR'] },
  /** Who runs the hub: configuration and lifecycle. */
  MANAGER: { signedIn: true, roles: ['SYSTEM_MANAGER'] },
  /** A secret value: System Manager only, each read is an audit event. */
  SECRET: { signedIn: true, roles: ['SYSTEM_MANAGER'] },
} as const satisfies Record<string, { signedIn: boolean; roles: readonly Role[] | null }>;
export type AccessRule = keyof typeof ACCESS_RULES;

/** Gives a field of the schema its access rule, in `extensions.access` of the built schema. */
export function Access(rule: AccessRule): MethodDecorator & PropertyDecorator {
  return Extensions({ access: rule });
}

/** @throws UnauthenticatedError, ForbiddenError */
export function requireAccess(rule: AccessRule, actor: Actor | null, what: string): void {
  const { signedIn, roles } = ACCESS_RULES[rule];
  if (signedIn && !actor) {
    throw new UnauthenticatedError(
      `${what} needs a session: call the login mutation and send its access token as a bearer token.`,
    );
  }
  if (roles && !actor?.roles.some((role) => (roles as readonly Role[]).includes(role))) {
    throw new ForbiddenError(`${what} needs the role ${roles.join(' or ')}: ask a System Manager.`);
  }
}
