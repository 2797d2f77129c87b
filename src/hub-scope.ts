/** What a token that the hub issues can let a machine do with the hub's own API. */
export const HUB_SCOPES = ['hub:read', 'hub:manage', 'hub:secrets', 'hub:call', 'hub:audit'] as const;
export type HubScope = (typeof HUB_SCOPES)[number];
