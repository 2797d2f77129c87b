export const ROLES = ['SYSTEM_MANAGER', 'AUDITOR', 'MEMBER'] as const;
export type Role = (typeof ROLES)[number];

export const USER_KINDS = ['PERSON', 'SERVICE'] as const;
export type UserKind = (typeof USER_KINDS)[number];
