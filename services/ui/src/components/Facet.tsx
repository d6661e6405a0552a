/** One filter: its values with how many have each, chosen by ticking. */
import { type ReactNode, useId, useState } from 'react';
import { count } from '@/text/quantity';
import { Inert } from '@/text/Text';
import { Button } from './Button';
import css from './Facet.module.css';
import { Icon } from './Icon';
import { TextInput } from './Input';

export interface FacetValue {
  value: string;
  /** What is shown; the value itself where there is none. */
  label?: string;
  count?: number | undefined;
  sign?: ReactNode;
}

export interface FacetProps {
  title: string;
  values: readonly FacetValue[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** The server has values that it does not tell. */
  more?: boolean;
  /** Closed at first, unless something is chosen. */
  closed?: boolean;
}

/** Values shown before "show all"; from then on there is a field to search them. */
const FEW = 6;

export function Facet({ title, values, chosen, onChange, more = false, closed = false }: FacetProps) {
  const [isOpen, setOpen] = useState(!closed || chosen.length > 0);
  const [isWhole, setWhole] = useState(false);
  const [typed, setTyped] = useState('');
  const id = useId();
  const all = withChosen(values, chosen);
  const found = typed ? all.filter((one) => (one.label ?? one.value).toLowerCase().includes(typed.toLowerCase())) : all;
  const shown = isWhole ? found : found.filter((one, index) => index < FEW || chosen.includes(one.value));
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <section className={css.facet} aria-labelledby={id}>
      <h3 className={css.title}>
        <button id={id} type="button" className={css.toggle} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? 'down' : 'forward'} size={12} />
          {title}
          {chosen.length > 0 && <span className={css.chosen}>{chosen.length}</span>}
        </button>
        {chosen.length > 0 && (
          <Button small kind="quiet" onClick={() => onChange([])} aria-label={`Clear ${title}`}>
            Clear
          </Button>
        )}
      </h3>
      {isOpen && (
        <div className={css.values}>
          {isWhole && all.length > 2 * FEW && (
            <TextInput
              type="search"
              value={typed}
              onChange={setTyped}
              placeholder="Find"
              aria-label={`Find in ${title}`}
            />
          )}
          <ul>
            {shown.map((one) => (
              <Value key={one.value} one={one} isChosen={chosen.includes(one.value)} toggle={toggle} />
            ))}
          </ul>
          {all.length === 0 && <p className={css.none}>None</p>}
          {!isWhole && all.length > shown.length && (
            <Button
              small
              kind="quiet"
              onClick={() => setWhole(true)}
            >{`${count(all.length - shown.length)} more`}</Button>
          )}
          {isWhole && more && <p className={css.none}>There are more: narrow it by the search.</p>}
        </div>
      )}
    </section>
  );
}

function Value({ one, isChosen, toggle }: { one: FacetValue; isChosen: boolean; toggle: (value: string) => void }) {
  return (
    <li>
      <label className={css.value}>
        <input type="checkbox" checked={isChosen} onChange={() => toggle(one.value)} />
        <span className={css.label} title={one.label ?? one.value}>
          {one.sign ?? <Inert text={one.label ?? (one.value || '(none)')} />}
        </span>
        {one.count !== undefined && <span className={css.count}>{count(one.count)}</span>}
      </label>
    </li>
  );
}

/** What is chosen stays offered, counted or not. */
function withChosen(values: readonly FacetValue[], chosen: readonly string[]): readonly FacetValue[] {
  const missing = chosen.filter((value) => !values.some((one) => one.value === value));
  return missing.length === 0 ? values : [...missing.map((value) => ({ value, count: 0 })), ...values];
}
