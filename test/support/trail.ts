import type { Ask } from './hub.js';

/** What the audit trail says of one thing that happened. */
export interface TrailEvent {
  id: string;
  action: string;
  actorName: string;
  actor: { id: string } | null;
  subjectId: string | null;
  success: boolean;
  detail: Record<string, unknown> | null;
  ip: string | null;
  requestId: string;
  occurredAt: string;
}

const FIELDS = 'id action actorName actor { id } subjectId success detail ip requestId occurredAt';

/** The audit trail of one record, oldest first; `ask` is a System Manager or an Auditor. */
export async function trailOf(ask: Ask, subjectId: string): Promise<TrailEvent[]> {
  const { data, errors } = await ask(
    `query ($ids: [ID!]) { auditEvents(filter: { subjectIds: $ids }, last: 100) { nodes { ${FIELDS} } } }`,
    { ids: [subjectId] },
  );
  if (errors.length > 0) throw new Error(`The audit trail cannot be read: ${JSON.stringify(errors)}`);
  return (data.auditEvents.nodes as TrailEvent[]).toReversed();
}

/** How many events the whole audit trail has, of these kinds. */
export async function countEvents(ask: Ask, ...actions: string[]): Promise<number> {
  const { data } = await ask(
    'query ($actions: [AuditAction!]) { auditEvents(filter: { actions: $actions }) { totalCount } }',
    {
      actions: actions.length > 0 ? actions : null,
    },
  );
  return data.auditEvents.totalCount as number;
}
