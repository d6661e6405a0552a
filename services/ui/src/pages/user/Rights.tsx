/** What the reader may do, by resource: everything, something, nothing. */
import { useCanEach } from '@/api/can';
import { Loading, Table } from '@/components';
import { QUESTIONS, type Told, toldOf } from './rights';

export function Rights() {
  const told = toldOf(useCanEach(QUESTIONS).map(({ allowed }) => allowed));
  if (told === null) return <Loading lines={6} />;
  return (
    <Table
      label="Your rights"
      rows={told}
      keyOf={({ resource }) => resource}
      columns={[
        { key: 'resource', title: 'Resource', render: ({ resource }) => <code>{resource}</code> },
        { key: 'all', title: 'With all of them', render: (one) => words(one, 'all') },
        { key: 'some', title: 'With some of them', render: (one) => words(one, 'some') },
      ]}
    />
  );
}

function words(told: Told, which: 'all' | 'some'): string {
  if (told[which].length > 0) return told[which].join(', ');
  return told.all.length + told.some.length === 0 && which === 'all' ? 'Nothing' : '';
}
