import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Failed, Loading, NARROW, Page, useMedia } from '@/components';
import styles from './ApplicationsPage.module.css';
import { type RowActions, RowActionsContext } from './actions';
import type { Action } from './bulk/actions';
import { BulkBar } from './bulk/BulkBar';
import { BulkDialog } from './bulk/BulkDialog';
import { Chips } from './Chips';
import { ClusterNames, useClusterNames } from './clusters';
import { FacetsPanel } from './FacetsPanel';
import { useFavourites } from './favourites';
import type { ListHandle } from './List';
import { type Cursor, ListView, NOWHERE } from './ListView';
import { NewApplication } from './NewApplication';
import { Nothing } from './Nothing';
import { RowMenu } from './RowMenu';
import type { ApplicationRow } from './row';
import { Summary } from './Summary';
import { NONE, type Selection, set } from './selection';
import { Toolbar } from './Toolbar';
import { useApplications } from './useApplications';
import { useHeld } from './useHeld';
import { useListKeys } from './useListKeys';
import { useSelecting } from './useSelecting';
import { useSpan } from './useSpan';
import { useView } from './useView';
import { emptyView, type Filter, questionOf, toggled, withValues } from './view';
import { applications } from './words';

interface Bulk {
  action: Action;
  selection: Selection;
  isHard: boolean;
}

/** All applications that the reader may see: found, counted, followed and acted on. */
export default function ApplicationsPage() {
  const { view, query, go, type, show } = useView();
  const favourites = useFavourites();
  const question = useQuestion(view, favourites.keys);
  const { span, seen, onSeen } = useSpan(question);
  const apps = useApplications(question, span, seen);
  const [isPointed, setPointed] = useState(false);
  const [cursor, setCursor] = useState<Cursor>(NOWHERE);
  const [menu, setMenu] = useState<{ row: ApplicationRow; beside: HTMLElement } | null>(null);
  const isHolding = !apps.isBehind && (isPointed || cursor.place >= 0 || menu !== null);
  const { arranged, release } = useHeld(apps.listing, isHolding, question);
  const selecting = useSelecting(question, arranged);
  const [bulk, setBulk] = useState<Bulk | null>(null);
  const isNarrow = useMedia(NARROW);
  const [isFiltering, setFiltering] = useState<boolean | null>(null);
  const list = useRef<ListHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const isSummary = view.layout === 'summary';
  const hasFilters = isFiltering ?? (!isNarrow && !isSummary);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at its top.
  useEffect(() => {
    list.current?.toTop();
  }, [question]);

  const narrowTo = useCallback(
    (filter: Filter, values: readonly string[]) => go(withValues(view, filter, values)),
    [go, view],
  );
  const narrow = useCallback((filter: Filter, value: string) => go(toggled(view, filter, value)), [go, view]);
  const clusters = useClusterNames(apps.listing?.facets);
  const rowActions = useActions(selecting.select, favourites.toggle, setMenu);
  const act = (action: Action, selection: Selection, isHard = false) => setBulk({ action, selection, isHard });
  useListKeys({
    list,
    search,
    cursor: cursor.place,
    row: cursor.row,
    total: arranged.total,
    select: selecting.select,
    selectAll: selecting.selectAll,
    star: favourites.toggle,
    act: (action) => {
      if (selecting.selected) act(action, selecting.selection);
      else if (cursor.row) act(action, set(NONE, [cursor.row], true));
    },
    apply: release,
    escape: () => {
      if (selecting.selected) selecting.clear();
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  });
  const { listing } = apps;
  const isEmpty = listing !== undefined && arranged.total === 0 && !apps.isBehind;
  return (
    <Page title="Applications" actions={<NewApplication />} fills>
      <RowActionsContext value={rowActions}>
        <ClusterNames value={clusters}>
          <div className={styles.page} aria-busy={apps.isBehind}>
            <Toolbar
              view={view}
              query={query}
              search={search}
              onType={type}
              onView={go}
              onShow={show}
              onLeaveSearch={() => list.current?.focus(0)}
              onFilters={() => setFiltering(!hasFilters)}
              isFiltersOpen={hasFilters}
              favourites={favourites.keys.length}
            />
            <Chips
              view={view}
              facets={listing?.facets ?? {}}
              onRemove={narrow}
              onClear={() => go({ ...emptyView(view.layout), sort: view.sort, descending: view.descending })}
            />
            <div className={styles.body}>
              {hasFilters && listing && (
                <aside id="applications-filters" className={styles.filters} aria-label="Filters">
                  <FacetsPanel view={view} facets={listing.facets} onChange={narrowTo} />
                </aside>
              )}
              <div className={styles.main}>
                {!isSummary && listing && (
                  <p className={styles.total} role="status">
                    {applications(arranged.total)}
                  </p>
                )}
                {!listing && !apps.error && <Loading />}
                {apps.error && !listing && (
                  <Failed what="The list of applications" error={apps.error} retry={apps.retry} />
                )}
                {isEmpty && (
                  <Nothing view={view} facets={listing.facets} favourites={favourites.keys.length} onView={go} />
                )}
                {listing && !isEmpty && isSummary && (
                  <Summary total={arranged.total} facets={listing.facets} worst={arranged.items} onToggle={narrow} />
                )}
                {listing && !isEmpty && !isSummary && (
                  <ListView
                    ref={list}
                    view={view}
                    arranged={arranged}
                    around={apps.around}
                    cursor={cursor}
                    isAll={selecting.selection.kind === 'all' && selecting.selected === arranged.total}
                    isSelected={selecting.has}
                    isFavourite={favourites.has}
                    onAll={(isAll) => (isAll ? selecting.selectAll() : selecting.clear())}
                    onView={go}
                    onSeen={onSeen}
                    onPoint={setPointed}
                    onCursor={setCursor}
                    onApply={release}
                  />
                )}
              </div>
            </div>
            {selecting.selected > 0 && (
              <BulkBar
                selected={selecting.selected}
                total={arranged.total}
                isAll={selecting.selection.kind === 'all'}
                onAct={(action) => act(action, selecting.selection)}
                onAll={selecting.selectAll}
                onClear={selecting.clear}
              />
            )}
          </div>
        </ClusterNames>
        {menu && (
          <RowMenu
            row={menu.row}
            beside={menu.beside}
            onAct={(action, isHard) => act(action, set(NONE, [menu.row], true), isHard)}
            onClose={() => setMenu(null)}
          />
        )}
        {bulk && <BulkDialog {...bulk} question={question} onClose={() => setBulk(null)} onDone={selecting.clear} />}
      </RowActionsContext>
    </Page>
  );
}

/** The question of a view; the same object for as long as it is the same question. */
function useQuestion(view: Parameters<typeof questionOf>[0], favourites: readonly string[]) {
  const asked = view.layout === 'summary' ? { ...view, sort: 'health' as const, descending: false } : view;
  const text = JSON.stringify(questionOf(asked, favourites));
  return useMemo(() => JSON.parse(text) as Record<string, string | string[]>, [text]);
}

function useActions(
  select: RowActions['select'],
  star: RowActions['star'],
  setMenu: (menu: { row: ApplicationRow; beside: HTMLElement } | null) => void,
): RowActions {
  return useMemo(() => ({ select, star, menu: (row, beside) => setMenu({ row, beside }) }), [select, star, setMenu]);
}
