import type { MouseEvent } from 'react';
import { Link } from '@/components';
import { useRowActions } from './actions';
import { defaultView } from './notice';
import { OneLine } from './OneLine';
import { type ApplicationRow, addressOf } from './row';

/** The name, which leads to the application; with Shift it selects from the last one on. */
export function MainLink({ row }: { row: ApplicationRow }) {
  const { select } = useRowActions();
  const onClick = (event: MouseEvent) => {
    if (!event.shiftKey) return;
    event.preventDefault();
    select(row, true);
  };
  return (
    <Link to={addressOf(row, defaultView(row.annotations))} data-main onClick={onClick}>
      <OneLine value={row.name} />
    </Link>
  );
}
