/** One application: how it fares, what it is made of, and what hangs beside it. */

import { Suspense, useEffect, useMemo, useRef } from 'react';
import { queryClient, useLiveState } from '@/api';
import { Link } from '@/components/Link';
import { Page } from '@/components/Page';
import { Empty, Failed, Loading } from '@/components/States';
import { applicationPath, changed, useFields, useParam } from '@/routing';
import { inert } from '@/text/inert';
import { Text } from '@/text/Text';
import { Actions } from './Actions';
import css from './ApplicationPage.module.css';
import { nodeParameter } from './address';
import { IN_CLUSTER, useChildren } from './children';
import { Held } from './guard/Held';
import { heldOf } from './guard/waits';
import { type Application, joined } from './model';
import { Notice } from './notice/Notice';
import { Objects } from './Objects';
import { Panels } from './Panels';
import { PausedBanner, PinnedBanner } from './paused/PausedBanner';
import { StateLine } from './state/StateLine';
import { Latest } from './story/Latest';
import { useStory } from './story/use_story';
import { useView } from './use_view';
import type { View } from './view';
import { WaitingFor } from './waiting/WaitingFor';

const CRUMBS = [{ label: 'Applications', to: '/applications' }];

export function ApplicationPage() {
  const namespace = useParam('namespace');
  const name = useParam('name');
  return <Followed key={`${namespace}/${name}`} namespace={namespace} name={name} />;
}

function Followed({ namespace, name }: { namespace: string; name: string }) {
  const view = useView(namespace, name);
  const live = useLiveState();
  const uid = view.application?.metadata?.uid ?? '';
  useAnother(uid);
  if (view.application) return <Shown key={uid} view={view} application={view.application} />;
  return (
    <Page title={name} breadcrumbs={CRUMBS}>
      {live.error ? (
        <Failed error={live.error} what={`The application ${name}`}>
          <Link to="/applications">All applications</Link>
        </Failed>
      ) : view.isDeleted ? (
        <Empty title={`${name} was deleted`}>
          <Link to="/applications">All applications</Link>
        </Empty>
      ) : (
        <Loading label={`Loading ${name}`} />
      )}
    </Page>
  );
}

/** What was asked of an application is asked of another one that has its name now. */
function useAnother(uid: string): void {
  const known = useRef(uid);
  useEffect(() => {
    if (known.current && uid && known.current !== uid) void queryClient.invalidateQueries();
    known.current = uid || known.current;
  }, [uid]);
}

function Shown({ view, application }: { view: View; application: Application }) {
  const [fields, change] = useFields();
  const live = useLiveState();
  const story = useStory(application, view);
  const { nodes, orphans } = view;
  const isLive = live.state === 'live' && !view.isDeleted;
  const own = useMemo(() => joined(application, nodes.values(), orphans), [application, nodes, orphans]);
  const objects = useChildren(application, own, isLive);
  const held = heldOf(application, view.outlook.held, view.hasTree);
  const { name = '', namespace = '' } = application.metadata ?? {};
  const search = fields.toString();
  const addressOf = useMemo(() => {
    const path = applicationPath(namespace, name);
    return (key: string) => {
      const object = objects.get(key);
      const next = changed(new URLSearchParams(search), {
        node: object ? nodeParameter(object) : `${key}/0`,
        tab: null,
      });
      return `${path}?${next}`;
    };
  }, [namespace, name, objects, search]);
  return (
    <div className={css.split}>
      <div className={css.main}>
        <Page
          title={name}
          wide
          breadcrumbs={[
            ...CRUMBS,
            {
              label: application.spec?.project ?? '',
              to: `/applications?proj=${encodeURIComponent(application.spec?.project ?? '')}`,
            },
          ]}
          aside={<Destination application={application} />}
          actions={<Actions application={application} view={view} open={change} />}
        >
          <div className={css.body}>
            <Troubles view={view} refusal={live.state === 'refused' ? (live.error?.message ?? '') : ''} />
            <Notice application={application} />
            <PinnedBanner application={application} pin={view.isDeleted ? undefined : view.outlook.pinned} />
            <PausedBanner application={application} pauses={view.isDeleted ? [] : (view.outlook.paused ?? [])} />
            <StateLine application={application} objects={objects} isDeleted={view.isDeleted} open={change} />
            <Latest story={story.data} onStory={() => change({ story: 'true' })} />
            <Objects view={view} application={application} objects={objects} addressOf={addressOf} />
            <div className={css.pending}>
              {view.isDeleted ? null : held ? (
                <Held held={held} application={application} addressOf={addressOf} />
              ) : (
                <WaitingFor
                  application={application}
                  told={view.outlook.waiting}
                  objects={objects}
                  addressOf={addressOf}
                />
              )}
            </div>
          </div>
        </Page>
      </div>
      <Suspense fallback={null}>
        <Panels view={view} application={application} isLive={isLive} story={story} addressOf={addressOf} />
      </Suspense>
    </div>
  );
}

function Destination({ application }: { application: Application }) {
  const { server, name, namespace } = application.spec?.destination ?? {};
  return (
    <span className={css.destination} title={inert(server ?? '')}>
      on <Text value={name || (server === IN_CLUSTER ? 'in-cluster' : server) || ''} length={80} lines={1} />
      {namespace && (
        <>
          {' in '}
          <Text value={namespace} length={80} lines={1} />
        </>
      )}
    </span>
  );
}

/** What keeps the page from being what is the case now. */
function Troubles({ view, refusal }: { view: View; refusal: string }) {
  return (
    <>
      {view.isDeleted && (
        <p role="alert" className={css.trouble}>
          This application was deleted. What is shown is how it was. <Link to="/applications">All applications</Link>
        </p>
      )}
      {refusal && (
        <p role="alert" className={css.trouble}>
          You cannot follow this application any more: <Text value={refusal} />. What is shown is how it was.
        </p>
      )}
      {view.problem && (
        <p role="status" className={css.trouble}>
          The tree cannot be told now: <Text value={view.problem} />
        </p>
      )}
    </>
  );
}
