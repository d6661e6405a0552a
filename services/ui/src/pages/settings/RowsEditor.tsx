/** A list as rows of a form: a column for each field, rows added and taken away. */
import { Button, Combobox, Select, TextInput } from '@/components';
import styles from './RowsEditor.module.css';
import type { Row } from './rows';

export interface RowColumn {
  readonly key: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly options?: readonly string[];
  readonly suggestions?: readonly string[];
}

interface Props {
  /** What one row is called, in "Add …" and the labels of its fields. */
  readonly noun: string;
  readonly columns: readonly RowColumn[];
  readonly rows: readonly Row[];
  readonly onChange: (rows: Row[]) => void;
  /** What is wrong with a row, by column. */
  readonly problems?: (row: Row) => Readonly<Record<string, string | undefined>>;
}

export function RowsEditor({ noun, columns, rows, onChange, problems }: Props) {
  const put = (at: number, key: string, value: string) =>
    onChange(rows.map((row, place) => (place === at ? { ...row, [key]: value } : row)));
  const empty = Object.fromEntries(columns.map(({ key, options }) => [key, options?.[0] ?? '']));
  return (
    <div className={styles.rows}>
      {rows.map((row, at) => {
        const wrong = problems?.(row) ?? {};
        const words = columns.flatMap(({ key }) => wrong[key] ?? []);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own, and what is typed lives in them
          <fieldset key={at} className={styles.row}>
            <legend>{`${noun} ${at + 1}`}</legend>
            {columns.map((column) => (
              <div key={column.key} className={styles.cell}>
                <span aria-hidden="true">{column.label}</span>
                <Cell
                  column={column}
                  value={row[column.key] ?? ''}
                  isWrong={column.key in wrong}
                  onChange={(value) => put(at, column.key, value)}
                />
              </div>
            ))}
            <Button kind="quiet" onClick={() => onChange(rows.filter((_, place) => place !== at))}>
              Remove
              <span className={styles.hidden}>{` ${noun} ${at + 1}`}</span>
            </Button>
            {words.length > 0 && (
              <p className={styles.problem} role="alert">
                {words.join('. ')}
              </p>
            )}
          </fieldset>
        );
      })}
      <Button onClick={() => onChange([...rows, empty])}>Add {noun}</Button>
    </div>
  );
}

interface CellProps {
  readonly column: RowColumn;
  readonly value: string;
  readonly isWrong: boolean;
  readonly onChange: (value: string) => void;
}

function Cell({ column, value, isWrong, onChange }: CellProps) {
  const { label, placeholder, options, suggestions } = column;
  if (options) return <Select aria-label={label} value={value} onChange={onChange} options={options} />;
  if (suggestions) return <Combobox aria-label={label} value={value} onChange={onChange} options={suggestions} />;
  return (
    <TextInput
      aria-label={label}
      aria-invalid={isWrong || undefined}
      value={value}
      onChange={onChange}
      placeholder={placeholder}
      mono
    />
  );
}
