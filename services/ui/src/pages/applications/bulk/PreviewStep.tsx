import { type FormEvent, type ReactNode, useId, useMemo, useState } from 'react';
import { Button, Dialog, Failed, Field, Loading, TextInput, VirtualList } from '@/components';
import { OneLine } from '../OneLine';
import type { Selection } from '../selection';
import { applications } from '../words';
import { ACTIONS, type Action, type Options } from './actions';
import styles from './Bulk.module.css';
import { OptionFields } from './OptionFields';
import { type Preview, type Previewed, usePreview } from './preview';

interface Props {
  action: Action;
  selection: Selection;
  question: Record<string, unknown>;
  options: Options;
  onOptions: (options: Options) => void;
  onStart: (items: readonly Previewed[]) => void;
  onClose: () => void;
}

/** What an action would touch, by name and number, and what it leaves alone and why. */
export function PreviewStep(props: Props) {
  const { action, selection, question, onClose } = props;
  const { data, error, refetch } = usePreview(action, selection, question);
  if (data) return <Ready {...props} preview={data} />;
  return (
    <Dialog title={ACTIONS[action].title} onClose={onClose} footer={<Button onClick={onClose}>Close</Button>}>
      {error ? <Failed what="The preview" error={error} retry={() => void refetch()} /> : <Loading />}
    </Dialog>
  );
}

function Ready({ action, options, preview, onOptions, onStart, onClose }: Props & { preview: Preview }) {
  const form = useId();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [typed, setTyped] = useState('');
  const open = useMemo(() => preview.items.filter(({ allowed }) => allowed), [preview]);
  const blocked = useMemo(() => preview.items.filter(({ allowed }) => !allowed), [preview]);
  const touched = useMemo(() => open.filter(({ key }) => !left.has(key)), [open, left]);
  const asked = action === 'delete' ? phraseOf(touched) : '';
  const isReady = touched.length > 0 && typed.trim() === asked;
  const cut = preview.total - preview.items.length;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onStart(touched);
  };
  const flip = (key: string) => {
    const next = new Set(left);
    if (!next.delete(key)) next.add(key);
    setLeft(next);
  };
  return (
    <Dialog
      title={ACTIONS[action].title}
      onClose={onClose}
      wide
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            kind={action === 'delete' ? 'danger' : 'primary'}
            refused={refusalOf(touched.length, isReady)}
          >
            {`${ACTIONS[action].verb} ${applications(touched.length)}`}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className={styles.form}>
        <OptionFields action={action} options={options} onOptions={onOptions} />
        <p className={styles.words} aria-live="polite">
          {saying(action, touched.length)}
          {cut > 0 && ` ${applications(cut)} more are meant than one action takes: they are not touched.`}
        </p>
        {open.length > 0 && <Touched items={open} left={left} onFlip={flip} />}
        {blocked.length > 0 && <Blocked items={blocked} />}
        {asked && (
          <Field label={`Type “${asked}” to go on`}>
            <TextInput value={typed} onChange={setTyped} />
          </Field>
        )}
      </form>
    </Dialog>
  );
}

interface TouchedProps {
  items: readonly Previewed[];
  left: ReadonlySet<string>;
  onFlip: (key: string) => void;
}

function Touched({ items, left, onFlip }: TouchedProps) {
  return (
    <Items
      label="To be touched"
      items={items}
      render={(item) => (
        <label className={styles.item}>
          <input type="checkbox" checked={!left.has(item.key)} onChange={() => onFlip(item.key)} />
          <Name item={item} />
        </label>
      )}
    />
  );
}

/** Names that are as high as they are; more of them scroll. */
const FEW = 8;

interface ItemsProps {
  label: string;
  items: readonly Previewed[];
  render: (item: Previewed) => ReactNode;
}

function Items({ label, items, render }: ItemsProps) {
  if (items.length <= FEW) {
    return (
      <section aria-label={label}>
        <ul>
          {items.map((item) => (
            <li key={item.key}>{render(item)}</li>
          ))}
        </ul>
      </section>
    );
  }
  return (
    <div className={styles.rows}>
      <VirtualList label={label} items={items} keyOf={({ key }) => key} render={render} />
    </div>
  );
}

function Blocked({ items }: { items: readonly Previewed[] }) {
  return (
    <>
      <p className={styles.words}>{`${applications(items.length)} cannot be touched:`}</p>
      <Items
        label="Not to be touched"
        items={items}
        render={(item) => (
          <span className={styles.item}>
            <Name item={item} />
            <span className={styles.reason}>
              <OneLine value={item.reason ?? 'not allowed'} />
            </span>
          </span>
        )}
      />
    </>
  );
}

export function Name({ item }: { item: Previewed }) {
  return (
    <span className={styles.name}>
      <OneLine value={item.name} />
      <span className={styles.project}>{`${item.project} · ${item.namespace}`}</span>
    </span>
  );
}

/** What has to be typed before so many are deleted: the name of one, the number of several. */
export function phraseOf(items: readonly Previewed[]): string {
  const [only, ...more] = items;
  if (!only) return '';
  return more.length ? `delete ${items.length}` : only.name;
}

function refusalOf(touched: number, isReady: boolean): string {
  if (!touched) return 'Nothing is left to be touched';
  return isReady ? '' : 'Type the words that are asked for';
}

function saying(action: Action, touched: number): string {
  const many = applications(touched);
  switch (action) {
    case 'sync':
      return `${many} will be synced to what Git says now, each with its own sync options.`;
    case 'refresh':
      return `${many} will be compared with Git again.`;
    case 'pause':
      return `${many} will not follow Git by itself until auto-sync is resumed.`.replace(
        'by itself',
        touched === 1 ? 'by itself' : 'by themselves',
      );
    case 'resume':
      return `${many} will follow Git again and be synced at once where they differ.`;
    case 'delete':
      return `${many} will be deleted. This cannot be taken back.`;
  }
}
