/** Who writes an object: its mark, and the managers of its fields. */
import { Table, Text, Time } from '@/components';
import type { JsonObject } from '@/kubernetes/json';
import css from './Summary.module.css';
import { type Manager, managersOf } from './said';

const COLUMNS = [
  { key: 'name', title: 'Manager', render: (one: Manager) => <Text value={one.name} /> },
  {
    key: 'how',
    title: 'How',
    render: (one: Manager) => `${one.operation}${one.subresource ? ` of ${one.subresource}` : ''}`,
  },
  { key: 'at', title: 'Last', render: (one: Manager) => (one.at ? <Time at={one.at} /> : '') },
];

export function Managers({ manifest, tracking }: { manifest: JsonObject | null; tracking: string }) {
  const managers = manifest ? managersOf(manifest) : [];
  if (managers.length === 0 && !tracking) return null;
  return (
    <section>
      <h3 className={css.heading}>Who manages it</h3>
      {tracking && (
        <p>
          Marked as <Text value={tracking} />
        </p>
      )}
      {managers.length > 0 && (
        <Table
          label="Managers of its fields"
          columns={COLUMNS}
          rows={managers}
          keyOf={(one) => `${one.name}/${one.operation}/${one.subresource}/${one.at}`}
        />
      )}
    </section>
  );
}
