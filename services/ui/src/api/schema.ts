// Made by `make generate` from the OpenAPI document of api-server; changes here are lost.

/** Those affected, by name, of `followers` that the caller may see in all. */
export interface AffectedAnswer {
  items: AffectedItem[];
  followers: number;
}

/** One application; `files` are the first that it reads and that differ, `more` how many others do. When it is not known what it reads at the old revision, it is not `sure` to be affected. */
export interface AffectedItem {
  name: string;
  namespace: string;
  project: string;
  targetRevision: string;
  files?: string[];
  more?: number;
  sure?: boolean;
}

/** An answer to each question, in their order. */
export interface Answers {
  answers: boolean[];
}

/** One application that reads something which differs. `problem` is why it cannot be rendered then, and `problem_before` why it cannot be now; `unasked` why its cluster was not asked. `same` objects stay as they are, `more` that differ are not told. `waits` is why the guard would hold its prunes back; `note` is said beside it. */
export interface AppChange {
  namespace: string;
  name: string;
  project?: string;
  objects?: ObjectChange[];
  same?: number;
  more?: number;
  problem?: string;
  problemBefore?: string;
  unasked?: string;
  isAutomated?: boolean;
  prunes?: boolean;
  waits?: string;
  note?: string;
  isUnsettled?: boolean;
}

/** `total` applications are meant; `items` are those from `offset` on. A facet counts as if it was not narrowed itself, so that its other values can be offered. */
export interface ApplicationPage {
  total: number;
  offset: number;
  limit: number;
  items: ApplicationRow[];
  facets: Record<string, Facet>;
}

/** One application. `key` is what windows name it by. */
export interface ApplicationRow {
  key: string;
  name: string;
  namespace: string;
  project: string;
  labels?: Record<string, string>;
  createdAt?: string;
  deletedAt?: string;
  destination?: RowDestination;
  sources?: RowSource[];
  sync?: string;
  revisions?: string[];
  health?: string;
  healthMessage?: string;
  operation?: RowOperation;
  autoSync?: boolean;
  automated?: RowAutomated;
  conditions?: string[];
  urls?: string[];
  annotations?: Record<string, string>;
}

/** The newest first. Of what was before `since` only deployments are known; `problem` says what cannot be told now. */
export interface ApplicationStory {
  since: string;
  items: StoryItem[];
  problem?: string;
}

/** One object that is waited for. `what` is waited for of it since `since`, and given up at `until` ("" never; RFC 3339). */
export interface Awaited {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  what: 'completion' | 'confirmation' | 'deletion' | 'health' | 'readiness';
  hook?: boolean;
  phase?: string;
  wave?: number;
  since?: string;
  until?: string;
  by?: Hindrance;
}

/** `total` applications are meant, of which the first are told, by name; `allowed` of those may be. */
export interface BulkAnswer {
  total: number;
  allowed: number;
  items: BulkItem[];
}

/** One application, whether it may be done to it now, and if not why. */
export interface BulkItem {
  key: string;
  name: string;
  namespace: string;
  project?: string;
  allowed?: boolean;
  reason?: string;
  autoSync?: boolean;
}

/** What is to be done, and to which applications: those of the keys, or else all that the query means. */
export interface BulkQuery {
  /** what is to be done */
  action: 'delete' | 'pause' | 'refresh' | 'resume' | 'sync';
  /** applications, each as namespace/name */
  keys?: string[];
  /** as of a search; its page and facets say nothing here */
  query?: SearchQuery;
}

/** The report, its line of summary, and whether nothing would fail. */
export interface ChangeAnswer {
  report: Report;
  summary: string;
  fine: boolean;
}

/** An object, and what was changed of it by whom: JSON, cut, and masked where it is of a Secret. */
export interface ChangedObject {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  field?: string;
  old?: string;
  new?: string;
  manager?: string;
  operation?: string;
  at?: string;
}

/** `values.schema.json` of a chart. Without one both are empty; `problem` is why one that is there is not used. */
export interface ChartRules {
  rules?: Record<string, unknown>;
  problem?: string;
}

/** Which chart: the `source` of an application, its name and its project. */
export interface ChartRulesQuery {
  source: Record<string, unknown>;
  appName?: string;
  appProject?: string;
}

/** One public event. `source` names the process, `subject` the application or repository. */
export interface CloudEvent {
  specversion?: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype?: string;
  traceparent: string;
  data: Record<string, unknown>;
}

/** One of the two, and the revisions that it is made of. */
export interface DeployedState {
  id: string;
  revisions: string[];
}

/** The changes, oldest first. Of what was before `since` nothing need be known; `problem` says what of the journal cannot be read now. */
export interface DriftAnswer {
  since: string;
  items: DriftEntry[];
  problem?: string;
}

/** What became of a change; empty while it stands. */
export type DriftEnd = '' | 'accepted' | 'gone' | 'healed' | 'overwritten' | 'reverted';

/** A change of one field, or with an empty `field` of the whole object, which was deleted. `old` and `new` are JSON, cut where they are long, "" for what is not there. `manager` is who owns the field since, by `operation` (of a `subresource` maybe); "" when the API server does not say, as of deletions. `at` is when it was changed, `seen` when that was found, and `late` says that it was found at a look, not seen as it happened: then `old` is what Git says. The same change that comes again counts in `count`, the last time at `last`. `end` is what became of it, at `ended`: our sync put Git's value back (healed), somebody else did (reverted), Git says so too now (accepted), it was changed again (overwritten), or the object is the application's no more (gone). */
export interface DriftEntry {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  field?: string;
  old?: string;
  new?: string;
  manager?: string;
  operation?: string;
  subresource?: string;
  at: string;
  seen: string;
  late?: boolean;
  count?: number;
  last?: string;
  end?: DriftEnd;
  ended?: string;
}

/** The objects that are not as Git says, and how many of them are not told. */
export interface ExplainAnswer {
  items: ExplainedObject[];
  more?: number;
}

/** One object that is not as Git says. `reason` is `missing`, `extra`, `differs` or `unknown`; `problem` is why it could not be compared. */
export interface ExplainedObject {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  reason: string;
  problem?: string;
  differences?: Explanation[];
}

/** One difference. `path` is for people (`.spec.template.spec.containers[name=web].image`). `desired` and `live` are JSON, cut where they are long, "" for a field that is not there. `manager` is who owns the live field, by `operation` (`Apply` or `Update`, of a `subresource` maybe); `since` is when that manager last changed what it owns (RFC 3339). `rule` is the narrowest entry of `ignoreDifferences` that would silence it. */
export interface Explanation {
  path: string;
  desired?: string;
  live?: string;
  manager?: string;
  operation?: string;
  subresource?: string;
  since?: string;
  rule: ResourceIgnoreDifferences;
}

/** The most frequent values; `more` when there may be others. */
export interface Facet {
  values: FacetValue[];
  more?: boolean;
}

/** One value, how many applications have it, and of a cluster its name. */
export interface FacetValue {
  value: string;
  count: number;
  name?: string;
}

/** What is not deleted before a person confirms it. It waits `by` its `share` of the application's objects (`going` of `living` would go, more than `share` percent), by its `kinds`, or by an `option` of the objects. It is confirmed by the annotation `argocd.argoproj.io/deletion-approved` with a time from `since` on, and beside it of which `list`; `refused` is the time of one that did not count, and `why`. `more` objects are not named. */
export interface HeldBack {
  what: 'deletion' | 'prune';
  by: 'kinds' | 'option' | 'share';
  startedAt?: string;
  objects?: HeldObject[];
  more?: number;
  going?: number;
  living?: number;
  share?: number;
  since?: string;
  list?: string;
  refused?: string;
  why?: string;
}

/** One object that is deleted only when a person confirms it; `takes` is what goes with it, and `along` is how many objects an Application takes along. */
export interface HeldObject {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  takes?: '' | 'contents' | 'data' | 'instances';
  along?: number;
}

/** What keeps an object from getting on: another one, most often a pod, and its reason in its words. */
export interface Hindrance {
  kind?: string;
  name?: string;
  container?: string;
  reason?: string;
  message?: string;
}

/** One image; `others` of the applications run the very same, `otherTags` another tag or digest of it. */
export interface ImageInUse {
  image: string;
  name: string;
  others: number;
  otherTags: number;
}

/** `total` applications run it; `items` are those from `offset` on, by name. `tags` says how many run each tag or digest of it. */
export interface ImagePage {
  total: number;
  offset: number;
  limit: number;
  items: RunningApplication[];
  tags: Record<string, number>;
}

/** The images that an application runs, in order. */
export interface ImagesAnswer {
  items: ImageInUse[];
}

/** Something that is said of an object beside its name. */
export interface NodeFact {
  name?: string;
  value?: string;
}

/** The health of an object, and why. */
export interface NodeHealth {
  status?: string;
  message?: string;
}

/** One object that would be another one. `what` is `added`, `changed` or `removed` in Git; `verdict`, `words` and `owner` are what the cluster says of it (`fairlead.rpc.foreseen`), "" when it was not asked. `diff` is of the manifests as YAML, unified, Secrets masked; "" when it is too large. */
export interface ObjectChange {
  group?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  what?: string;
  verdict?: string;
  words?: string;
  owner?: string;
  diff?: string;
}

/** What an application waits for, and what a person is asked; nothing when it gets on by itself. `paused` keeps it from that. */
export interface Outlook {
  waiting?: Waiting;
  held?: HeldBack;
  paused?: Paused[];
  pinned?: Pinned;
}

/** One object on both sides as JSON; "" where it is not there. */
export interface Pair {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  left?: string;
  right?: string;
}

/** A change of one live object, to be tried. */
export interface PatchPreview {
  /** the name of the application */
  name?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
  /** the namespace of the object */
  namespace?: string;
  /** the name of the object */
  resourceName?: string;
  /** the version of its kind */
  version?: string;
  /** the API group of its kind */
  group?: string;
  /** its kind */
  kind?: string;
  /** the patch, as text */
  patch?: string;
  /** the media type of the patch */
  patchType?: string;
}

/** What a patch would make of an object: its manifest as JSON, Secrets masked. */
export interface PatchedResource {
  manifest: string;
}

/** A pause that somebody set, of an application, of its project or cluster, or of everything, until a time (RFC 3339). One that is `frozen` keeps people from syncing, too. One that nobody understands has no end: its `problem` says why. */
export interface Paused {
  scope: 'application' | 'cluster' | 'instance' | 'project';
  name?: string;
  until?: string;
  since?: string;
  by?: string;
  reason?: string;
  frozen?: boolean;
  problem?: string;
}

/** An application that stays at `revisions`, one of each source, until a time (RFC 3339), until a source is at another commit than that it was `newer_than`, or until somebody lets it go. `problem` says why one cannot be. */
export interface Pinned {
  revisions: string[];
  until?: string;
  since?: string;
  by?: string;
  reason?: string;
  newerThan?: string[];
  problem?: string;
}

/** A row, and where it is in the window. */
export interface PlacedRow {
  at: number;
  item: ApplicationRow;
}

/** The objects that would be other ones: `left` by the spec that is there, `right` by the one given. `exists` says whether there is an application of that name, `problem` why its own manifests cannot be shown. */
export interface PreviewAnswer {
  exists: boolean;
  items: Pair[];
  same?: number;
  more?: number;
  problem?: string;
}

/** The application as it is to be, whether one of that name exists or not. */
export interface PreviewRequest {
  /** an Application: metadata and spec */
  application: Record<string, unknown>;
}

/** The Applications that the set would come to, `total` of them, and what it would do, by their names. `exists` says whether there is a set of that name; `words` what is accepted and has no effect. */
export interface PreviewSetAnswer {
  exists: boolean;
  total: number;
  creates?: string[];
  updates?: string[];
  deletes?: string[];
  /** by Application: why nothing is done to it */
  problems?: Record<string, string>;
  words?: string[];
}

/** The set as it is to be, whether one of that name exists or not. */
export interface PreviewSetRequest {
  /** an ApplicationSet: metadata and spec */
  applicationSet: Record<string, unknown>;
}

/** May I do this? */
export interface Question {
  /** a resource as policies name it */
  resource: string;
  /** an action as policies name it */
  action: string;
  /** an object as policies name it */
  object?: string;
  /** whether there may be any object at all; `object` says nothing then */
  anywhere?: boolean;
  /** of a sync: to another revision than the application's own */
  elsewhere?: boolean;
}

/** What is asked. */
export interface Questions {
  /** at most 500 */
  questions?: Question[];
}

/** A change, and what it does. `target`, `head` and `base` are commits; `branch` is the one it is for. `is_merged` says that the merge of both is shown, and not the head alone; `conflicts` why not. Of `followers` applications that follow the branch and may be shown, `applications` are affected and `unseen` are affected too but too many to be rendered. */
export interface Report {
  repository: string;
  branch: string;
  target: string;
  head: string;
  base: string;
  isMerged?: boolean;
  conflicts?: string[];
  ofStrangers?: boolean;
  followers?: number;
  applications?: AppChange[];
  unseen?: number;
}

/** A cluster as the application names it, and its name or server where that may be known. */
export interface ResourceCluster {
  server?: string;
  name?: string;
}

/** Fields of matching objects that a comparison leaves out. */
export interface ResourceIgnoreDifferences {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  jsonPointers?: string[];
  jqPathExpressions?: string[];
  managedFieldsManagers?: string[];
}

/** `total` objects are meant; `items` are those from `offset` on. A facet counts as if it was not narrowed itself. `more` when there are applications whose objects are not among them, since there are too many. */
export interface ResourcePage {
  total: number;
  offset: number;
  limit: number;
  items: ResourceRow[];
  facets: Record<string, Facet>;
  more?: boolean;
}

/** One object of a cluster, as the API writes it. */
export interface ResourceRef {
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
}

/** One object. `key` is `application namespace/application/group/Kind/namespace/name`; `health` is empty for what has none, or of which it is not known yet. */
export interface ResourceRow {
  key: string;
  group?: string;
  version?: string;
  kind: string;
  namespace?: string;
  name: string;
  sync?: string;
  health?: string;
  syncWave?: number;
  application: string;
  appNamespace: string;
  project: string;
  cluster: ResourceCluster;
}

/** The objects that differ, `left` and `right` as JSON and "" where there is none; how many are the same, and how many of those that differ are not told. */
export interface RevisionDiffAnswer {
  from: DeployedState;
  to: DeployedState;
  items: Pair[];
  same: number;
  more?: number;
}

/** Its automated sync, where it has one. */
export interface RowAutomated {
  paused?: boolean;
  prune?: boolean;
  selfHeal?: boolean;
}

/** Where it goes, as it says it. */
export interface RowDestination {
  server?: string;
  name?: string;
  namespace?: string;
}

/** Its last operation. */
export interface RowOperation {
  phase?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
}

/** One of its sources. */
export interface RowSource {
  repoURL?: string;
  path?: string;
  chart?: string;
  targetRevision?: string;
}

/** An application, and which of its images are the one that was asked for. */
export interface RunningApplication {
  key: string;
  name: string;
  namespace: string;
  project: string;
  destination: RowDestination;
  images: string[];
  sync?: string;
  health?: string;
}

/** The schema as the cluster has it in its OpenAPI, references leading to `definitions`. That of a kind of ours is what people write of it, and has none. */
export interface SchemaAnswer {
  schema: Record<string, unknown>;
  definitions: Record<string, unknown>;
}

/** Which applications. Several values of a field mean any of them, several fields all of them. */
export interface SearchQuery {
  /** words that all occur in name, project, cluster, namespace, repository, path, chart, images or the author of what is deployed, in any case, or that a revision begins with */
  search?: string;
  /** names of projects */
  project?: string[];
  /** names or servers of clusters */
  cluster?: string[];
  /** destination namespaces */
  namespace?: string[];
  /** Synced, OutOfSync, Unknown */
  sync?: string[];
  /** Healthy, Progressing, Degraded, Suspended, Missing, Unknown */
  health?: string[];
  /** phase of the last operation: Running, Terminating, Failed, Error, Succeeded */
  operation?: string[];
  /** repositories, by URL in any spelling */
  repo?: string[];
  /** labels as key=value */
  label?: string[];
  /** images in use, whole or without tag and digest */
  image?: string[];
  /** applications, each as namespace/name */
  keys?: string[];
  /** true or false */
  autoSync?: string[];
  /** a label selector in Kubernetes' text form */
  selector?: string;
  /** the namespace that the Application itself is in */
  appNamespace?: string;
  /** one of name, project, cluster, namespace, sync, health, created, finished; with a leading - from its end; the worst comes first */
  sort?: string;
  /** applications that are left out before the first */
  offset?: number;
  /** applications of a page, at most 500; 0 only counts */
  limit?: number;
  /** what is counted: any of project, cluster, namespace, sync, health, operation, autoSync, repo, label; all unless given, or none */
  facets?: string[];
}

/** A step of a way: when it was done, and the milliseconds since the one before. */
export interface Step {
  name: 'applied' | 'compared' | 'detected' | 'healthy' | 'pushed' | 'rendered' | 'started';
  at: string;
  milliseconds?: number;
}

/** Something that happened. `id` stays the same while it goes on; `by` is who began it, "" nobody; `milliseconds` count from its first step to its last, or to its end. `commit`: new manifests on their way; `deployment`: one of the history of which no more is known; `operation`: a sync that belongs to no commit; `drift`: a change outside Git until it is healed. */
export interface StoryItem {
  id: string;
  kind: 'commit' | 'deleted' | 'deployment' | 'drift' | 'health' | 'operation' | 'prune-held' | 'render-failed';
  at: string;
  status: 'done' | 'failed' | 'running';
  revisions?: string[];
  author?: string;
  message?: string;
  cause?: string;
  ref?: string;
  by?: string;
  automated?: boolean;
  words?: string;
  health?: string;
  steps?: Step[];
  milliseconds?: number;
  objects?: ChangedObject[];
  attempts?: number;
}

/** `APPLICATION`: the whole of it. `TREE`: a `whole` one replaces everything; of any other first drop the nodes whose keys are `removed`, then take `nodes` by key. `orphans` and `hosts` are told whole, and left out while they are as before. `problem` says why the tree may not be as it is now; a TREE without one says that it is. `WAITING`: what the application waits for and what a person is asked, all of it, before each `whole` TREE and when it is another. `EVENT`: a public event about the application, or a commit of its repositories. `DELETED`: it is gone; another of its name is told as an APPLICATION. */
export interface ViewEvent {
  type: 'APPLICATION' | 'DELETED' | 'EVENT' | 'TREE' | 'WAITING';
  application?: Application;
  whole?: boolean;
  nodes?: ViewNode[];
  removed?: string[];
  orphans?: ViewNode[];
  hosts?: HostInfo[];
  problem?: string;
  outlook?: Outlook;
  event?: CloudEvent;
}

/** A node of ApplicationTree, and what its application's status says of it: `managed` ones are there by Git; `sync` is empty for what is not compared. `key` is `group/Kind/namespace/name`. */
export interface ViewNode {
  key: string;
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  parentRefs?: ResourceRef[];
  info?: NodeFact[];
  networkingInfo?: ResourceNetworkingInfo;
  resourceVersion?: string;
  images?: string[];
  health?: NodeHealth;
  createdAt?: string;
  managed?: boolean;
  sync?: string;
  syncWave?: number;
  hook?: boolean;
  requiresPruning?: boolean;
  requiresDeletionConfirmation?: boolean;
}

/** What an operation, or a deletion, waits for. `reason`: for `objects`, a `person`, the next attempt (`retry`), a sync `window`, the applications that it depends on (`dependencies`) or the end of a `pause`; a `deletion` for what it deletes. `started_at` names the operation; it is "" for a deletion, and before an automated sync. `attempt` is that under way, or the next one, which begins at `until`; 0 is the first. `message` says of a deletion what else is waited for. `more` objects are not named. */
export interface Waiting {
  reason: 'deletion' | 'dependencies' | 'objects' | 'pause' | 'person' | 'retry' | 'window';
  startedAt?: string;
  phase?: string;
  wave?: number;
  attempt?: number;
  until?: string;
  message?: string;
  objects?: Awaited[];
  more?: number;
}

/** `WINDOW`: `items` are the whole window. `CHANGE`: first drop the rows whose keys are `removed`, then take `rows` in their order: where the row at `at` has the same key it is replaced, otherwise the new one is inserted there. `total` applications are meant; `facets` are there when counts are asked for and have changed. */
export interface WindowEvent {
  type: 'CHANGE' | 'WINDOW';
  total: number;
  items?: ApplicationRow[];
  removed?: string[];
  rows?: PlacedRow[];
  facets?: Record<string, Facet>;
}

export interface Account {
  name?: string;
  enabled?: boolean;
  capabilities?: string[];
  tokens?: Token[];
}

export interface AccountsList {
  items?: Account[];
}

export interface CanIResponse {
  value?: string;
}

export interface CreateTokenRequest {
  name?: string;
  expiresIn?: number;
  id?: string;
}

export interface CreateTokenResponse {
  token?: string;
}

export interface AccountEmptyResponse {
}

export interface Token {
  id?: string;
  issuedAt?: number;
  expiresAt?: number;
}

export interface UpdatePasswordRequest {
  newPassword?: string;
  currentPassword?: string;
  name?: string;
}

export interface UpdatePasswordResponse {
}

export interface ApplicationManifestQueryWithFiles {
  name?: string;
  checksum?: string;
  appNamespace?: string;
  project?: string;
}

export interface ApplicationManifestQueryWithFilesWrapper {
  query?: ApplicationManifestQueryWithFiles;
  chunk?: FileChunk;
}

export interface ApplicationPatchRequest {
  name?: string;
  patch?: string;
  patchType?: string;
  appNamespace?: string;
  project?: string;
}

export interface ApplicationResourceResponse {
  manifest?: string;
}

export interface ApplicationResponse {
}

export interface ApplicationRollbackRequest {
  name?: string;
  id?: number;
  dryRun?: boolean;
  prune?: boolean;
  appNamespace?: string;
  project?: string;
}

export interface ApplicationServerSideDiffResponse {
  items?: ResourceDiff[];
  modified?: boolean;
}

export interface ApplicationSyncRequest {
  name?: string;
  revision?: string;
  dryRun?: boolean;
  prune?: boolean;
  strategy?: SyncStrategy;
  resources?: SyncOperationResource[];
  manifests?: string[];
  infos?: Info[];
  retryStrategy?: RetryStrategy;
  syncOptions?: SyncOptions;
  appNamespace?: string;
  project?: string;
  sourcePositions?: number[];
  revisions?: string[];
}

export interface ApplicationSyncWindow {
  kind?: string;
  schedule?: string;
  duration?: string;
  manualSync?: boolean;
}

export interface ApplicationSyncWindowsResponse {
  activeWindows?: ApplicationSyncWindow[];
  assignedWindows?: ApplicationSyncWindow[];
  canSync?: boolean;
}

export interface FileChunk {
  chunk?: string;
}

export interface LinkInfo {
  title?: string;
  url?: string;
  description?: string;
  iconClass?: string;
}

export interface LinksResponse {
  items?: LinkInfo[];
}

export interface LogEntry {
  content?: string;
  timeStamp?: string;
  last?: boolean;
  timeStampStr?: string;
  podName?: string;
}

export interface ManagedResourcesResponse {
  items?: ResourceDiff[];
}

export interface OperationTerminateResponse {
}

export interface ResourceActionParameters {
  name?: string;
  value?: string;
}

export interface ResourceActionRunRequestV2 {
  name?: string;
  namespace?: string;
  resourceName?: string;
  version?: string;
  group?: string;
  kind?: string;
  action?: string;
  appNamespace?: string;
  project?: string;
  resourceActionParameters?: ResourceActionParameters[];
}

export interface ResourceActionsListResponse {
  actions?: ResourceAction[];
}

export interface SyncOptions {
  items?: string[];
}

export interface ApplicationSetGenerateRequest {
  applicationSet?: ApplicationSet;
}

export interface ApplicationSetGenerateResponse {
  applications?: Application[];
}

export interface ApplicationSetResponse {
  project?: string;
  applicationset?: ApplicationSet;
}

export interface ClusterResponse {
}

export interface Connector {
  name?: string;
  type?: string;
  id?: string;
}

export interface DexConfig {
  connectors?: Connector[];
  dexAuthConnectorID?: string;
}

export interface GoogleAnalyticsConfig {
  trackingID?: string;
  anonymizeUsers?: boolean;
}

export interface Help {
  chatUrl?: string;
  chatText?: string;
  binaryUrls?: Record<string, string>;
}

export interface OIDCConfig {
  name?: string;
  issuer?: string;
  clientID?: string;
  cliClientID?: string;
  scopes?: string[];
  idTokenClaims?: Record<string, Claim>;
  enablePKCEAuthentication?: boolean;
}

export interface Plugin {
  name?: string;
}

export interface Settings {
  url?: string;
  dexConfig?: DexConfig;
  oidcConfig?: OIDCConfig;
  appLabelKey?: string;
  resourceOverrides?: Record<string, ResourceOverride>;
  statusBadgeEnabled?: boolean;
  googleAnalytics?: GoogleAnalyticsConfig;
  kustomizeOptions?: KustomizeOptions;
  help?: Help;
  plugins?: Plugin[];
  userLoginsDisabled?: boolean;
  configManagementPlugins?: ConfigManagementPlugin[];
  kustomizeVersions?: string[];
  uiCssURL?: string;
  uiBannerContent?: string;
  uiBannerURL?: string;
  passwordPattern?: string;
  trackingMethod?: string;
  uiBannerPermanent?: boolean;
  uiBannerPosition?: string;
  statusBadgeRootUrl?: string;
  execEnabled?: boolean;
  controllerNamespace?: string;
  appsInAnyNamespaceEnabled?: boolean;
  impersonationEnabled?: boolean;
  installationID?: string;
  additionalUrls?: string[];
  hydratorEnabled?: boolean;
  syncWithReplaceAllowed?: boolean;
  uiLoginButtonText?: string;
  resourceViewEnabled?: boolean;
}

export interface SettingsPluginsResponse {
  plugins?: Plugin[];
}

export interface EventsEvent {
  metadata?: ObjectMeta;
  involvedObject?: ObjectReference;
  reason?: string;
  message?: string;
  source?: EventSource;
  firstTimestamp?: string;
  lastTimestamp?: string;
  count?: number;
  type?: string;
  eventTime?: string;
  series?: EventSeries;
  action?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

export interface EventList {
  metadata?: ListMeta;
  items?: EventsEvent[];
}

export interface EventSeries {
  count?: number;
  lastObservedTime?: string;
}

export interface EventSource {
  component?: string;
  host?: string;
}

export interface ObjectReference {
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiVersion?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

export interface GnuPGPublicKeyCreateResponse {
  created?: GnuPGPublicKeyList;
  skipped?: string[];
}

export interface GnuPGPublicKeyResponse {
}

export interface Service {
  name?: string;
}

export interface ServiceList {
  items?: Service[];
}

export interface Template {
  name?: string;
}

export interface TemplateList {
  items?: Template[];
}

export interface Trigger {
  name?: string;
}

export interface TriggerList {
  items?: Trigger[];
}

export interface Claim {
  essential?: boolean;
  value?: string;
  values?: string[];
}

export interface DetailedProjectsResponse {
  globalProjects?: AppProject[];
  project?: AppProject;
  repositories?: Repository[];
  clusters?: Cluster[];
}

export interface ProjectEmptyResponse {
}

export interface GlobalProjectsResponse {
  items?: AppProject[];
}

export interface ProjectCreateRequest {
  project?: AppProject;
  upsert?: boolean;
}

export interface ProjectTokenCreateRequest {
  project?: string;
  description?: string;
  role?: string;
  expiresIn?: number;
  id?: string;
}

export interface ProjectTokenResponse {
  token?: string;
}

export interface ProjectUpdateRequest {
  project?: AppProject;
}

export interface SyncWindowsResponse {
  windows?: InlineSyncWindow[];
}

export interface RepoCredsResponse {
}

export interface AppInfo {
  type?: string;
  path?: string;
}

export interface DirectoryAppSpec {
}

export interface HelmAppSpec {
  name?: string;
  valueFiles?: string[];
  parameters?: HelmParameter[];
  values?: string;
  fileParameters?: HelmFileParameter[];
}

export interface HelmChart {
  name?: string;
  versions?: string[];
}

export interface HelmChartsResponse {
  items?: HelmChart[];
}

export interface KustomizeAppSpec {
  images?: string[];
}

export interface ManifestResponse {
  manifests?: string[];
  namespace?: string;
  server?: string;
  revision?: string;
  sourceType?: string;
  verifyResult?: string;
  commands?: string[];
  sourceIntegrityResult?: SourceIntegrityCheckResult;
}

export interface ParameterAnnouncement {
  name?: string;
  title?: string;
  tooltip?: string;
  required?: boolean;
  itemType?: string;
  collectionType?: string;
  string?: string;
  array?: string[];
  map?: Record<string, string>;
}

export interface PluginAppSpec {
  parametersAnnouncement?: ParameterAnnouncement[];
}

export interface Refs {
  branches?: string[];
  tags?: string[];
}

export interface RepoAppDetailsQuery {
  source?: ApplicationSource;
  appName?: string;
  appProject?: string;
  sourceIndex?: number;
  versionId?: number;
}

export interface RepoAppDetailsResponse {
  type?: string;
  helm?: HelmAppSpec;
  kustomize?: KustomizeAppSpec;
  directory?: DirectoryAppSpec;
  plugin?: PluginAppSpec;
}

export interface RepoAppsResponse {
  items?: AppInfo[];
}

export interface RepoResponse {
}

export interface RuntimeError {
  error?: string;
  /** a code of gRPC */
  code?: number;
  message?: string;
}

export interface GetUserInfoResponse {
  loggedIn?: boolean;
  username?: string;
  iss?: string;
  groups?: string[];
}

export interface SessionCreateRequest {
  username?: string;
  password?: string;
  token?: string;
}

export interface SessionResponse {
  token?: string;
}

export interface GroupKind {
  group?: string;
  kind?: string;
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  key?: string;
  operator?: string;
  values?: string[];
}

export interface ListMeta {
  selfLink?: string;
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
  shardInfo?: ShardInfo;
}

export interface LoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ipMode?: string;
  ports?: PortStatus[];
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

export interface NodeSwapStatus {
  capacity?: number;
}

export interface NodeSystemInfo {
  machineID?: string;
  systemUUID?: string;
  bootID?: string;
  kernelVersion?: string;
  osImage?: string;
  containerRuntimeVersion?: string;
  kubeletVersion?: string;
  kubeProxyVersion?: string;
  operatingSystem?: string;
  architecture?: string;
  swap?: NodeSwapStatus;
  runningInUserNamespace?: boolean;
}

export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  selfLink?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  kind?: string;
  name?: string;
  uid?: string;
  apiVersion?: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface PortStatus {
  port?: number;
  protocol?: string;
  error?: string;
}

export interface ShardInfo {
  selector?: string;
}

export interface AWSAuthConfig {
  clusterName?: string;
  roleARN?: string;
  profile?: string;
}

export interface AppHealthStatus {
  status?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface AppProject {
  metadata?: ObjectMeta;
  spec?: AppProjectSpec;
  status?: AppProjectStatus;
}

export interface AppProjectList {
  metadata?: ListMeta;
  items?: AppProject[];
}

export interface AppProjectSpec {
  sourceRepos?: string[];
  destinations?: ApplicationDestination[];
  description?: string;
  roles?: ProjectRole[];
  clusterResourceWhitelist?: ClusterResourceRestrictionItem[];
  namespaceResourceBlacklist?: GroupKind[];
  orphanedResources?: OrphanedResourcesMonitorSettings;
  syncWindows?: InlineSyncWindow[];
  namespaceResourceWhitelist?: GroupKind[];
  signatureKeys?: SignatureKey[];
  clusterResourceBlacklist?: ClusterResourceRestrictionItem[];
  sourceNamespaces?: string[];
  permitOnlyProjectScopedClusters?: boolean;
  destinationServiceAccounts?: ApplicationDestinationServiceAccount[];
  sourceIntegrity?: SourceIntegrity;
}

export interface AppProjectStatus {
  jwtTokensByRole?: Record<string, JWTTokens>;
}

export interface Application {
  metadata?: ObjectMeta;
  spec?: ApplicationSpec;
  status?: ApplicationStatus;
  operation?: Operation;
}

export interface ApplicationCondition {
  type?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface ApplicationDestination {
  server?: string;
  namespace?: string;
  name?: string;
}

export interface ApplicationDestinationServiceAccount {
  server?: string;
  namespace?: string;
  defaultServiceAccount?: string;
}

export interface ApplicationList {
  metadata?: ListMeta;
  items?: Application[];
}

export interface ApplicationMatchExpression {
  key?: string;
  operator?: string;
  values?: string[];
}

export interface ApplicationPreservedFields {
  annotations?: string[];
  labels?: string[];
}

export interface ApplicationSet {
  metadata?: ObjectMeta;
  spec?: ApplicationSetSpec;
  status?: ApplicationSetStatus;
}

export interface ApplicationSetApplicationStatus {
  application?: string;
  lastTransitionTime?: string;
  message?: string;
  status?: string;
  step?: string;
  targetRevisions?: string[];
}

export interface ApplicationSetCondition {
  type?: string;
  message?: string;
  lastTransitionTime?: string;
  status?: string;
  reason?: string;
}

export interface ApplicationSetGenerator {
  list?: ListGenerator;
  clusters?: ClusterGenerator;
  git?: GitGenerator;
  scmProvider?: SCMProviderGenerator;
  clusterDecisionResource?: DuckTypeGenerator;
  pullRequest?: PullRequestGenerator;
  matrix?: MatrixGenerator;
  merge?: MergeGenerator;
  selector?: LabelSelector;
  plugin?: PluginGenerator;
  oci?: OciGenerator;
}

export interface ApplicationSetList {
  metadata?: ListMeta;
  items?: ApplicationSet[];
}

export interface ApplicationSetNestedGenerator {
  list?: ListGenerator;
  clusters?: ClusterGenerator;
  git?: GitGenerator;
  scmProvider?: SCMProviderGenerator;
  clusterDecisionResource?: DuckTypeGenerator;
  pullRequest?: PullRequestGenerator;
  /** any JSON */
  matrix?: unknown;
  /** any JSON */
  merge?: unknown;
  selector?: LabelSelector;
  plugin?: PluginGenerator;
  oci?: OciGenerator;
}

export interface ApplicationSetResourceIgnoreDifferences {
  name?: string;
  jsonPointers?: string[];
  jqPathExpressions?: string[];
}

export interface ApplicationSetRolloutStep {
  matchExpressions?: ApplicationMatchExpression[];
  /** a number, or a text such as 25% */
  maxUpdate?: unknown;
}

export interface ApplicationSetRolloutStrategy {
  steps?: ApplicationSetRolloutStep[];
}

export interface ApplicationSetSpec {
  goTemplate?: boolean;
  generators?: ApplicationSetGenerator[];
  template?: ApplicationSetTemplate;
  syncPolicy?: ApplicationSetSyncPolicy;
  strategy?: ApplicationSetStrategy;
  preservedFields?: ApplicationPreservedFields;
  goTemplateOptions?: string[];
  applyNestedSelectors?: boolean;
  ignoreApplicationDifferences?: ApplicationSetResourceIgnoreDifferences[];
  templatePatch?: string;
}

export interface ApplicationSetStatus {
  conditions?: ApplicationSetCondition[];
  applicationStatus?: ApplicationSetApplicationStatus[];
  resources?: ResourceStatus[];
  resourcesCount?: number;
  health?: HealthStatus;
}

export interface ApplicationSetStrategy {
  type?: string;
  rollingSync?: ApplicationSetRolloutStrategy;
  deletionOrder?: string;
}

export interface ApplicationSetSyncPolicy {
  preserveResourcesOnDeletion?: boolean;
  applicationsSync?: string;
}

export interface ApplicationSetTemplate {
  metadata?: ApplicationSetTemplateMeta;
  spec?: ApplicationSpec;
}

export interface ApplicationSetTemplateMeta {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
}

export interface ApplicationSetTree {
  nodes?: ResourceNode[];
}

export interface ApplicationSetWatchEvent {
  type?: string;
  applicationSet?: ApplicationSet;
}

export interface ApplicationSource {
  repoURL?: string;
  path?: string;
  targetRevision?: string;
  helm?: ApplicationSourceHelm;
  kustomize?: ApplicationSourceKustomize;
  directory?: ApplicationSourceDirectory;
  plugin?: ApplicationSourcePlugin;
  chart?: string;
  ref?: string;
  name?: string;
  tagPrefix?: string;
}

export interface ApplicationSourceDirectory {
  recurse?: boolean;
  jsonnet?: ApplicationSourceJsonnet;
  exclude?: string;
  include?: string;
  disableExtensionFilter?: boolean;
}

export interface ApplicationSourceHelm {
  valueFiles?: string[];
  parameters?: HelmParameter[];
  releaseName?: string;
  values?: string;
  fileParameters?: HelmFileParameter[];
  version?: string;
  passCredentials?: boolean;
  ignoreMissingValueFiles?: boolean;
  skipCrds?: boolean;
  /** any JSON */
  valuesObject?: unknown;
  namespace?: string;
  kubeVersion?: string;
  apiVersions?: string[];
  skipTests?: boolean;
  skipSchemaValidation?: boolean;
}

export interface ApplicationSourceJsonnet {
  extVars?: JsonnetVar[];
  tlas?: JsonnetVar[];
  libs?: string[];
}

export interface ApplicationSourceKustomize {
  namePrefix?: string;
  nameSuffix?: string;
  images?: string[];
  commonLabels?: Record<string, string>;
  version?: string;
  commonAnnotations?: Record<string, string>;
  forceCommonLabels?: boolean;
  forceCommonAnnotations?: boolean;
  namespace?: string;
  commonAnnotationsEnvsubst?: boolean;
  replicas?: KustomizeReplica[];
  patches?: KustomizePatch[];
  components?: string[];
  labelWithoutSelector?: boolean;
  kubeVersion?: string;
  apiVersions?: string[];
  ignoreMissingComponents?: boolean;
  labelIncludeTemplates?: boolean;
}

export interface ApplicationSourcePlugin {
  name?: string;
  env?: EnvEntry[];
  parameters?: ApplicationSourcePluginParameter[];
}

export interface ApplicationSourcePluginParameter {
  name?: string;
  map?: Record<string, string>;
  array?: string[];
  string?: string;
}

export interface ApplicationSpec {
  source?: ApplicationSource;
  destination?: ApplicationDestination;
  project?: string;
  syncPolicy?: SyncPolicy;
  ignoreDifferences?: V1alpha1ResourceIgnoreDifferences[];
  info?: Info[];
  revisionHistoryLimit?: number;
  sources?: ApplicationSource[];
  sourceHydrator?: SourceHydrator;
}

export interface ApplicationStatus {
  resources?: ResourceStatus[];
  sync?: SyncStatus;
  health?: AppHealthStatus;
  history?: RevisionHistory[];
  conditions?: ApplicationCondition[];
  reconciledAt?: string;
  operationState?: OperationState;
  observedAt?: string;
  sourceType?: string;
  summary?: ApplicationSummary;
  resourceHealthSource?: string;
  sourceTypes?: string[];
  controllerNamespace?: string;
  sourceHydrator?: SourceHydratorStatus;
}

export interface ApplicationSummary {
  externalURLs?: string[];
  images?: string[];
  isAppOfApps?: boolean;
}

export interface ApplicationTree {
  nodes?: ResourceNode[];
  orphanedNodes?: ResourceNode[];
  hosts?: HostInfo[];
  shardsCount?: number;
}

export interface ApplicationWatchEvent {
  type?: string;
  application?: Application;
}

export interface Backoff {
  duration?: string;
  factor?: number;
  maxDuration?: string;
}

export interface BasicAuthBitbucketServer {
  username?: string;
  passwordRef?: SecretRef;
}

export interface BearerTokenBitbucket {
  tokenRef?: SecretRef;
}

export interface BearerTokenBitbucketCloud {
  tokenRef?: SecretRef;
}

export interface ChartDetails {
  description?: string;
  home?: string;
  maintainers?: string[];
}

export interface Cluster {
  server?: string;
  name?: string;
  config?: ClusterConfig;
  connectionState?: ConnectionState;
  serverVersion?: string;
  namespaces?: string[];
  refreshRequestedAt?: string;
  info?: ClusterInfo;
  shard?: number;
  clusterResources?: boolean;
  project?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  configHash?: number;
}

export interface ClusterCacheInfo {
  resourcesCount?: number;
  apisCount?: number;
  lastCacheSyncTime?: string;
}

export interface ClusterConfig {
  username?: string;
  password?: string;
  bearerToken?: string;
  tlsClientConfig?: TLSClientConfig;
  awsAuthConfig?: AWSAuthConfig;
  execProviderConfig?: ExecProviderConfig;
  disableCompression?: boolean;
  proxyUrl?: string;
}

export interface ClusterGenerator {
  selector?: LabelSelector;
  template?: ApplicationSetTemplate;
  values?: Record<string, string>;
  flatList?: boolean;
}

export interface ClusterInfo {
  connectionState?: ConnectionState;
  serverVersion?: string;
  cacheInfo?: ClusterCacheInfo;
  applicationsCount?: number;
  apiVersions?: string[];
}

export interface ClusterList {
  metadata?: ListMeta;
  items?: Cluster[];
}

export interface ClusterResourceRestrictionItem {
  group?: string;
  kind?: string;
  name?: string;
}

export interface Command {
  command?: string[];
  args?: string[];
}

export interface CommitMetadata {
  author?: string;
  date?: string;
  subject?: string;
  body?: string;
  sha?: string;
  repoUrl?: string;
}

export interface ComparedTo {
  source?: ApplicationSource;
  destination?: ApplicationDestination;
  sources?: ApplicationSource[];
  ignoreDifferences?: V1alpha1ResourceIgnoreDifferences[];
}

export interface ConfigManagementPlugin {
  name?: string;
  init?: Command;
  generate?: Command;
  lockRepo?: boolean;
}

export interface ConfigMapKeyRef {
  configMapName?: string;
  key?: string;
}

export interface ConnectionState {
  status?: string;
  message?: string;
  attemptedAt?: string;
}

export interface DrySource {
  repoURL?: string;
  targetRevision?: string;
  path?: string;
  helm?: ApplicationSourceHelm;
  kustomize?: ApplicationSourceKustomize;
  directory?: ApplicationSourceDirectory;
  plugin?: ApplicationSourcePlugin;
}

export interface DuckTypeGenerator {
  configMapRef?: string;
  name?: string;
  requeueAfterSeconds?: number;
  labelSelector?: LabelSelector;
  template?: ApplicationSetTemplate;
  values?: Record<string, string>;
}

export interface EnvEntry {
  name?: string;
  value?: string;
}

export interface ExecProviderConfig {
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  apiVersion?: string;
  installHint?: string;
  provideClusterInfo?: boolean;
  /** any JSON */
  config?: unknown;
}

export interface GitDirectoryGeneratorItem {
  path?: string;
  exclude?: boolean;
}

export interface GitFileGeneratorItem {
  path?: string;
  exclude?: boolean;
}

export interface GitGenerator {
  repoURL?: string;
  directories?: GitDirectoryGeneratorItem[];
  files?: GitFileGeneratorItem[];
  revision?: string;
  requeueAfterSeconds?: number;
  template?: ApplicationSetTemplate;
  pathParamPrefix?: string;
  values?: Record<string, string>;
}

export interface GnuPGPublicKey {
  keyID?: string;
  fingerprint?: string;
  owner?: string;
  trust?: string;
  subType?: string;
  keyData?: string;
}

export interface GnuPGPublicKeyList {
  metadata?: ListMeta;
  items?: GnuPGPublicKey[];
}

export interface HealthStatus {
  status?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface HelmFileParameter {
  name?: string;
  path?: string;
}

export interface HelmParameter {
  name?: string;
  value?: string;
  forceString?: boolean;
}

export interface HostInfo {
  name?: string;
  resourcesInfo?: HostResourceInfo[];
  systemInfo?: NodeSystemInfo;
  labels?: Record<string, string>;
}

export interface HostResourceInfo {
  resourceName?: string;
  requestedByApp?: number;
  requestedByNeighbors?: number;
  capacity?: number;
}

export interface HydrateOperation {
  startedAt?: string;
  finishedAt?: string;
  phase?: string;
  message?: string;
  drySHA?: string;
  hydratedSHA?: string;
  sourceHydrator?: SourceHydrator;
}

export interface HydrateTo {
  targetBranch?: string;
}

export interface Info {
  name?: string;
  value?: string;
}

export interface InfoItem {
  name?: string;
  value?: string;
}

export interface InlineSyncWindow {
  kind?: string;
  schedule?: string;
  duration?: string;
  applications?: string[];
  namespaces?: string[];
  clusters?: string[];
  manualSync?: boolean;
  timeZone?: string;
  andOperator?: boolean;
  description?: string;
  syncOverrun?: boolean;
}

export interface JWTToken {
  iat?: number;
  exp?: number;
  id?: string;
}

export interface JWTTokens {
  items?: JWTToken[];
}

export interface JsonnetVar {
  name?: string;
  value?: string;
  code?: boolean;
}

export interface KnownTypeField {
  field?: string;
  type?: string;
}

export interface KustomizeOptions {
  BuildOptions?: string;
  BinaryPath?: string;
  Versions?: KustomizeVersion[];
}

export interface KustomizePatch {
  path?: string;
  patch?: string;
  target?: KustomizeSelector;
  options?: Record<string, boolean>;
}

export interface KustomizeReplica {
  name?: string;
  /** a number, or a text such as 25% */
  count?: unknown;
}

export interface KustomizeSelector {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  annotationSelector?: string;
  labelSelector?: string;
}

export interface KustomizeVersion {
  Name?: string;
  Path?: string;
  BuildOptions?: string;
}

export interface ListGenerator {
  elements?: unknown[];
  template?: ApplicationSetTemplate;
  elementsYaml?: string;
}

export interface ManagedNamespaceMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface MatrixGenerator {
  generators?: ApplicationSetNestedGenerator[];
  template?: ApplicationSetTemplate;
}

export interface MergeGenerator {
  generators?: ApplicationSetNestedGenerator[];
  mergeKeys?: string[];
  template?: ApplicationSetTemplate;
}

export interface OCIMetadata {
  createdAt?: string;
  authors?: string;
  imageUrl?: string;
  docsUrl?: string;
  sourceUrl?: string;
  version?: string;
  description?: string;
}

export interface OciDirectoryGeneratorItem {
  path?: string;
  exclude?: boolean;
}

export interface OciFileGeneratorItem {
  path?: string;
  exclude?: boolean;
}

export interface OciGenerator {
  repoURL?: string;
  directories?: OciDirectoryGeneratorItem[];
  files?: OciFileGeneratorItem[];
  revision?: string;
  requeueAfterSeconds?: number;
  template?: ApplicationSetTemplate;
  pathParamPrefix?: string;
  values?: Record<string, string>;
}

export interface Operation {
  sync?: SyncOperation;
  initiatedBy?: OperationInitiator;
  info?: Info[];
  retry?: RetryStrategy;
}

export interface OperationInitiator {
  username?: string;
  automated?: boolean;
}

export interface OperationState {
  operation?: Operation;
  phase?: string;
  message?: string;
  syncResult?: SyncOperationResult;
  startedAt?: string;
  finishedAt?: string;
  retryCount?: number;
}

export interface OrphanedResourceKey {
  group?: string;
  kind?: string;
  name?: string;
}

export interface OrphanedResourcesMonitorSettings {
  warn?: boolean;
  ignore?: OrphanedResourceKey[];
}

export interface OverrideIgnoreDiff {
  jsonPointers?: string[];
  jqPathExpressions?: string[];
  managedFieldsManagers?: string[];
}

export interface PluginConfigMapRef {
  name?: string;
}

export interface PluginGenerator {
  configMapRef?: PluginConfigMapRef;
  input?: PluginInput;
  requeueAfterSeconds?: number;
  template?: ApplicationSetTemplate;
  values?: Record<string, string>;
}

export interface PluginInput {
  parameters?: Record<string, unknown>;
}

export interface ProjectRole {
  name?: string;
  description?: string;
  policies?: string[];
  jwtTokens?: JWTToken[];
  groups?: string[];
}

export interface PullRequestGenerator {
  github?: PullRequestGeneratorGithub;
  gitlab?: PullRequestGeneratorGitLab;
  gitea?: PullRequestGeneratorGitea;
  bitbucketServer?: PullRequestGeneratorBitbucketServer;
  filters?: PullRequestGeneratorFilter[];
  requeueAfterSeconds?: number;
  template?: ApplicationSetTemplate;
  bitbucket?: PullRequestGeneratorBitbucket;
  azuredevops?: PullRequestGeneratorAzureDevOps;
  values?: Record<string, string>;
  continueOnRepoNotFoundError?: boolean;
}

export interface PullRequestGeneratorAzureDevOps {
  organization?: string;
  project?: string;
  repo?: string;
  api?: string;
  tokenRef?: SecretRef;
  labels?: string[];
}

export interface PullRequestGeneratorBitbucket {
  owner?: string;
  repo?: string;
  api?: string;
  basicAuth?: BasicAuthBitbucketServer;
  bearerToken?: BearerTokenBitbucketCloud;
}

export interface PullRequestGeneratorBitbucketServer {
  project?: string;
  repo?: string;
  api?: string;
  basicAuth?: BasicAuthBitbucketServer;
  bearerToken?: BearerTokenBitbucket;
  insecure?: boolean;
  caRef?: ConfigMapKeyRef;
}

export interface PullRequestGeneratorFilter {
  branchMatch?: string;
  targetBranchMatch?: string;
  titleMatch?: string;
}

export interface PullRequestGeneratorGitLab {
  project?: string;
  api?: string;
  tokenRef?: SecretRef;
  labels?: string[];
  pullRequestState?: string;
  insecure?: boolean;
  caRef?: ConfigMapKeyRef;
}

export interface PullRequestGeneratorGitea {
  owner?: string;
  repo?: string;
  api?: string;
  tokenRef?: SecretRef;
  insecure?: boolean;
  labels?: string[];
}

export interface PullRequestGeneratorGithub {
  owner?: string;
  repo?: string;
  api?: string;
  tokenRef?: SecretRef;
  appSecretName?: string;
  labels?: string[];
}

export interface RepoCreds {
  url?: string;
  username?: string;
  password?: string;
  sshPrivateKey?: string;
  tlsClientCertData?: string;
  tlsClientCertKey?: string;
  githubAppPrivateKey?: string;
  githubAppID?: number;
  githubAppInstallationID?: number;
  githubAppEnterpriseBaseUrl?: string;
  enableOCI?: boolean;
  type?: string;
  gcpServiceAccountKey?: string;
  proxy?: string;
  forceHttpBasicAuth?: boolean;
  noProxy?: string;
  useAzureWorkloadIdentity?: boolean;
  bearerToken?: string;
  insecureOCIForceHttp?: boolean;
  azureServicePrincipalClientId?: string;
  azureServicePrincipalClientSecret?: string;
  azureServicePrincipalTenantId?: string;
  azureActiveDirectoryEndpoint?: string;
}

export interface RepoCredsList {
  metadata?: ListMeta;
  items?: RepoCreds[];
}

export interface Repository {
  repo?: string;
  username?: string;
  password?: string;
  sshPrivateKey?: string;
  connectionState?: ConnectionState;
  insecureIgnoreHostKey?: boolean;
  insecure?: boolean;
  enableLfs?: boolean;
  tlsClientCertData?: string;
  tlsClientCertKey?: string;
  type?: string;
  name?: string;
  inheritedCreds?: boolean;
  enableOCI?: boolean;
  githubAppPrivateKey?: string;
  githubAppID?: number;
  githubAppInstallationID?: number;
  githubAppEnterpriseBaseUrl?: string;
  proxy?: string;
  project?: string;
  gcpServiceAccountKey?: string;
  forceHttpBasicAuth?: boolean;
  noProxy?: string;
  useAzureWorkloadIdentity?: boolean;
  bearerToken?: string;
  insecureOCIForceHttp?: boolean;
  depth?: number;
  webhookManifestCacheWarmDisabled?: boolean;
  azureServicePrincipalClientId?: string;
  azureServicePrincipalClientSecret?: string;
  azureServicePrincipalTenantId?: string;
  azureActiveDirectoryEndpoint?: string;
}

export interface RepositoryCertificate {
  serverName?: string;
  certType?: string;
  certSubType?: string;
  certData?: string;
  certInfo?: string;
}

export interface RepositoryCertificateList {
  metadata?: ListMeta;
  items?: RepositoryCertificate[];
}

export interface RepositoryList {
  metadata?: ListMeta;
  items?: Repository[];
}

export interface ResourceAction {
  name?: string;
  params?: ResourceActionParam[];
  disabled?: boolean;
  iconClass?: string;
  displayName?: string;
}

export interface ResourceActionParam {
  name?: string;
}

export interface ResourceDiff {
  group?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  targetState?: string;
  liveState?: string;
  diff?: string;
  hook?: boolean;
  normalizedLiveState?: string;
  predictedLiveState?: string;
  resourceVersion?: string;
  modified?: boolean;
}

export interface V1alpha1ResourceIgnoreDifferences {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  jsonPointers?: string[];
  jqPathExpressions?: string[];
  managedFieldsManagers?: string[];
}

export interface ResourceNetworkingInfo {
  targetLabels?: Record<string, string>;
  targetRefs?: V1alpha1ResourceRef[];
  labels?: Record<string, string>;
  ingress?: LoadBalancerIngress[];
  externalURLs?: string[];
}

export interface ResourceNode {
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  parentRefs?: V1alpha1ResourceRef[];
  info?: InfoItem[];
  networkingInfo?: ResourceNetworkingInfo;
  resourceVersion?: string;
  images?: string[];
  health?: HealthStatus;
  createdAt?: string;
}

export interface ResourceOverride {
  'health.lua'?: string;
  ignoreDifferences?: OverrideIgnoreDiff;
  actions?: string;
  knownTypeFields?: KnownTypeField[];
  'health.lua.useOpenLibs'?: boolean;
  ignoreResourceUpdates?: OverrideIgnoreDiff;
}

export interface V1alpha1ResourceRef {
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
}

export interface ResourceResult {
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  status?: string;
  message?: string;
  hookType?: string;
  hookPhase?: string;
  syncPhase?: string;
  images?: string[];
}

export interface ResourceStatus {
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  status?: string;
  health?: HealthStatus;
  hook?: boolean;
  requiresPruning?: boolean;
  syncWave?: number;
  requiresDeletionConfirmation?: boolean;
}

export interface RetryStrategy {
  limit?: number;
  backoff?: Backoff;
  refresh?: boolean;
}

export interface RevisionHistory {
  revision?: string;
  deployedAt?: string;
  id?: number;
  source?: ApplicationSource;
  deployStartedAt?: string;
  sources?: ApplicationSource[];
  revisions?: string[];
  initiatedBy?: OperationInitiator;
}

export interface RevisionMetadata {
  author?: string;
  date?: string;
  tags?: string[];
  message?: string;
  signatureInfo?: string;
  references?: RevisionReference[];
  sourceIntegrityResult?: SourceIntegrityCheckResult;
}

export interface RevisionReference {
  commit?: CommitMetadata;
}

export interface SCMProviderGenerator {
  github?: SCMProviderGeneratorGithub;
  gitlab?: SCMProviderGeneratorGitlab;
  bitbucket?: SCMProviderGeneratorBitbucket;
  bitbucketServer?: SCMProviderGeneratorBitbucketServer;
  gitea?: SCMProviderGeneratorGitea;
  azureDevOps?: SCMProviderGeneratorAzureDevOps;
  filters?: SCMProviderGeneratorFilter[];
  cloneProtocol?: string;
  requeueAfterSeconds?: number;
  template?: ApplicationSetTemplate;
  values?: Record<string, string>;
  awsCodeCommit?: SCMProviderGeneratorAWSCodeCommit;
}

export interface SCMProviderGeneratorAWSCodeCommit {
  tagFilters?: TagFilter[];
  role?: string;
  region?: string;
  allBranches?: boolean;
}

export interface SCMProviderGeneratorAzureDevOps {
  organization?: string;
  api?: string;
  teamProject?: string;
  accessTokenRef?: SecretRef;
  allBranches?: boolean;
}

export interface SCMProviderGeneratorBitbucket {
  owner?: string;
  user?: string;
  appPasswordRef?: SecretRef;
  allBranches?: boolean;
}

export interface SCMProviderGeneratorBitbucketServer {
  project?: string;
  api?: string;
  basicAuth?: BasicAuthBitbucketServer;
  allBranches?: boolean;
  bearerToken?: BearerTokenBitbucket;
  insecure?: boolean;
  caRef?: ConfigMapKeyRef;
}

export interface SCMProviderGeneratorFilter {
  repositoryMatch?: string;
  pathsExist?: string[];
  pathsDoNotExist?: string[];
  labelMatch?: string;
  branchMatch?: string;
}

export interface SCMProviderGeneratorGitea {
  owner?: string;
  api?: string;
  tokenRef?: SecretRef;
  allBranches?: boolean;
  insecure?: boolean;
  excludeArchivedRepos?: boolean;
}

export interface SCMProviderGeneratorGithub {
  organization?: string;
  api?: string;
  tokenRef?: SecretRef;
  appSecretName?: string;
  allBranches?: boolean;
  excludeArchivedRepos?: boolean;
}

export interface SCMProviderGeneratorGitlab {
  group?: string;
  includeSubgroups?: boolean;
  api?: string;
  tokenRef?: SecretRef;
  allBranches?: boolean;
  insecure?: boolean;
  includeSharedProjects?: boolean;
  topic?: string;
  caRef?: ConfigMapKeyRef;
  includeArchivedRepos?: boolean;
}

export interface SecretRef {
  secretName?: string;
  key?: string;
}

export interface SignatureKey {
  keyID?: string;
}

export interface SourceHydrator {
  drySource?: DrySource;
  syncSource?: SyncSource;
  hydrateTo?: HydrateTo;
}

export interface SourceHydratorStatus {
  lastSuccessfulOperation?: SuccessfulHydrateOperation;
  currentOperation?: HydrateOperation;
  lastComparedDryRevision?: string;
}

export interface SourceIntegrity {
  git?: SourceIntegrityGit;
}

export interface SourceIntegrityCheckResult {
  Checks?: SourceIntegrityCheckResultItem[];
}

export interface SourceIntegrityCheckResultItem {
  Name?: string;
  Problems?: string[];
}

export interface SourceIntegrityGit {
  policies?: SourceIntegrityGitPolicy[];
}

export interface SourceIntegrityGitPolicy {
  repos?: SourceIntegrityGitPolicyRepo[];
  gpg?: SourceIntegrityGitPolicyGPG;
}

export interface SourceIntegrityGitPolicyGPG {
  mode?: string;
  keys?: string[];
}

export interface SourceIntegrityGitPolicyRepo {
  url?: string;
}

export interface SuccessfulHydrateOperation {
  drySHA?: string;
  hydratedSHA?: string;
  sourceHydrator?: SourceHydrator;
}

export interface SyncOperation {
  revision?: string;
  prune?: boolean;
  dryRun?: boolean;
  syncStrategy?: SyncStrategy;
  resources?: SyncOperationResource[];
  source?: ApplicationSource;
  manifests?: string[];
  syncOptions?: string[];
  sources?: ApplicationSource[];
  revisions?: string[];
  autoHealAttemptsCount?: number;
}

export interface SyncOperationResource {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
}

export interface SyncOperationResult {
  resources?: ResourceResult[];
  revision?: string;
  source?: ApplicationSource;
  sources?: ApplicationSource[];
  revisions?: string[];
  managedNamespaceMetadata?: ManagedNamespaceMetadata;
}

export interface SyncPolicy {
  automated?: SyncPolicyAutomated;
  syncOptions?: string[];
  retry?: RetryStrategy;
  managedNamespaceMetadata?: ManagedNamespaceMetadata;
}

export interface SyncPolicyAutomated {
  prune?: boolean;
  selfHeal?: boolean;
  allowEmpty?: boolean;
  enabled?: boolean;
}

export interface SyncSource {
  targetBranch?: string;
  path?: string;
  repoURL?: string;
}

export interface SyncStatus {
  status?: string;
  comparedTo?: ComparedTo;
  revision?: string;
  revisions?: string[];
}

export interface SyncStrategy {
  apply?: SyncStrategyApply;
  hook?: SyncStrategyHook;
}

export interface SyncStrategyApply {
  force?: boolean;
}

export interface SyncStrategyHook {
  force?: boolean;
}

export interface TLSClientConfig {
  insecure?: boolean;
  serverName?: string;
  certData?: string;
  keyData?: string;
  caData?: string;
}

export interface TagFilter {
  key?: string;
  value?: string;
}

export interface VersionMessage {
  Version?: string;
  BuildDate?: string;
  GitCommit?: string;
  GitTag?: string;
  GitTreeState?: string;
  GoVersion?: string;
  Compiler?: string;
  Platform?: string;
  KustomizeVersion?: string;
  HelmVersion?: string;
  KubectlVersion?: string;
  JsonnetVersion?: string;
  ExtraBuildInfo?: string;
}

/** GET /api/v1/search/applications: A page of applications, narrowed and sorted, with counts by facet. */
export interface SearchApplicationsQuery {
  /** words that all occur in name, project, cluster, namespace, repository, path, chart, images or the author of what is deployed, in any case, or that a revision begins with */
  search?: string;
  /** names of projects */
  project?: readonly string[];
  /** names or servers of clusters */
  cluster?: readonly string[];
  /** destination namespaces */
  namespace?: readonly string[];
  /** Synced, OutOfSync, Unknown */
  sync?: readonly string[];
  /** Healthy, Progressing, Degraded, Suspended, Missing, Unknown */
  health?: readonly string[];
  /** phase of the last operation: Running, Terminating, Failed, Error, Succeeded */
  operation?: readonly string[];
  /** repositories, by URL in any spelling */
  repo?: readonly string[];
  /** labels as key=value */
  label?: readonly string[];
  /** images in use, whole or without tag and digest */
  image?: readonly string[];
  /** applications, each as namespace/name */
  keys?: readonly string[];
  /** true or false */
  autoSync?: readonly string[];
  /** a label selector in Kubernetes' text form */
  selector?: string;
  /** the namespace that the Application itself is in */
  appNamespace?: string;
  /** one of name, project, cluster, namespace, sync, health, created, finished; with a leading - from its end; the worst comes first */
  sort?: string;
  /** applications that are left out before the first */
  offset?: number;
  /** applications of a page, at most 500; 0 only counts */
  limit?: number;
  /** what is counted: any of project, cluster, namespace, sync, health, operation, autoSync, repo, label; all unless given, or none */
  facets?: readonly string[];
}

/** GET /api/v1/stream/search/applications: The same page, followed: first the whole, then what changes in it. */
export interface FollowApplicationsQuery {
  /** words that all occur in name, project, cluster, namespace, repository, path, chart, images or the author of what is deployed, in any case, or that a revision begins with */
  search?: string;
  /** names of projects */
  project?: readonly string[];
  /** names or servers of clusters */
  cluster?: readonly string[];
  /** destination namespaces */
  namespace?: readonly string[];
  /** Synced, OutOfSync, Unknown */
  sync?: readonly string[];
  /** Healthy, Progressing, Degraded, Suspended, Missing, Unknown */
  health?: readonly string[];
  /** phase of the last operation: Running, Terminating, Failed, Error, Succeeded */
  operation?: readonly string[];
  /** repositories, by URL in any spelling */
  repo?: readonly string[];
  /** labels as key=value */
  label?: readonly string[];
  /** images in use, whole or without tag and digest */
  image?: readonly string[];
  /** applications, each as namespace/name */
  keys?: readonly string[];
  /** true or false */
  autoSync?: readonly string[];
  /** a label selector in Kubernetes' text form */
  selector?: string;
  /** the namespace that the Application itself is in */
  appNamespace?: string;
  /** one of name, project, cluster, namespace, sync, health, created, finished; with a leading - from its end; the worst comes first */
  sort?: string;
  /** applications that are left out before the first */
  offset?: number;
  /** applications of a page, at most 500; 0 only counts */
  limit?: number;
  /** what is counted: any of project, cluster, namespace, sync, health, operation, autoSync, repo, label; all unless given, or none */
  facets?: readonly string[];
  /** the header Last-Event-ID, for clients that cannot send it */
  lastEventId?: string;
}

/** GET /api/v1/search/resources: A page of the objects of all applications, narrowed and sorted, with counts by facet. */
export interface SearchResourcesQuery {
  /** words that all occur in name, kind, namespace or application, in any case */
  search?: string;
  /** API groups */
  group?: readonly string[];
  /** kinds, with or without group/ */
  kind?: readonly string[];
  /** Healthy, Progressing, Degraded, Suspended, Missing, Unknown */
  health?: readonly string[];
  /** Synced, OutOfSync, Unknown */
  sync?: readonly string[];
  /** namespaces of the objects */
  namespace?: readonly string[];
  /** names or servers of clusters */
  cluster?: readonly string[];
  /** names of projects */
  project?: readonly string[];
  /** applications, each as namespace/name */
  application?: readonly string[];
  /** one of name, kind, namespace, application, project, cluster, health, sync; with a leading - from its end */
  sort?: string;
  /** objects that are left out before the first */
  offset?: number;
  /** objects of a page, at most 500; 0 only counts */
  limit?: number;
  /** what is counted: any of kind, health, sync, namespace, cluster, project, application; all unless given, or none */
  facets?: readonly string[];
}

/** GET /api/v1/images: The images that an application runs, and how many others run them. */
export interface ListImagesQuery {
  /** the name of the application */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
}

/** GET /api/v1/search/images: The applications that run an image. */
export interface SearchImagesQuery {
  /** an image, whole or without tag and digest */
  image?: string;
  /** applications that are left out before the first */
  offset?: number;
  /** applications of a page, at most 500 */
  limit?: number;
}

/** GET /api/v1/revision-diff: What differs between two deployed states of an application. */
export interface CompareRevisionsQuery {
  /** the name of the application */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
  /** an id of its history, or spec for what the spec says now */
  from?: string;
  /** another one */
  to?: string;
}

/** GET /api/v1/schema: The schema of a kind as an application's cluster serves it, or of a kind of ours. */
export interface GetKindSchemaQuery {
  /** the name of the application; none for a kind of ours */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
  /** the API group of the kind */
  group?: string;
  /** the version of the group */
  version?: string;
  /** the kind */
  kind?: string;
}

/** GET /api/v1/stream/view/application: One application, its resource tree and what happens to it, followed. */
export interface FollowApplicationQuery {
  /** the name of the application */
  name?: string;
  /** the namespace that it is in */
  namespace?: string;
  /** its project */
  project?: string;
  /** the header Last-Event-ID, for clients that cannot send it */
  lastEventId?: string;
}

/** GET /api/v1/affected: The applications that a change in a repository affects, with the files that they read. */
export interface ListAffectedQuery {
  /** address of the repository, however it is written */
  repo?: string;
  /** revision that may come: a branch, a tag or a commit */
  to?: string;
  /** revision to compare with; what each application is at unless given */
  from?: string;
  /** only applications that follow this revision */
  target?: string;
}

/** GET /api/v1/preview/change: What a change in a repository would do to each application that follows the branch. */
export interface PreviewChangeQuery {
  /** address of the repository, however it is written */
  repo?: string;
  /** what may come: a branch, a ref or a commit */
  revision?: string;
  /** branch it is for; the repository's default one unless given */
  target?: string;
}

/** GET /api/v1/explain: Why an application is not as Git says: each field, who owns it, the rule to leave it out. */
export interface ExplainApplicationQuery {
  /** the name of the application */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
  /** the API group of an object */
  group?: string;
  /** the kind of an object */
  kind?: string;
  /** the namespace of an object */
  namespace?: string;
  /** the name of an object */
  name?: string;
}

/** GET /api/v1/drift: What was changed of an application outside Git, by whom, and what became of it. */
export interface ListDriftQuery {
  /** the name of the application */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
  /** the kind of an object */
  kind?: string;
  /** the name of an object */
  name?: string;
  /** only changes that still stand */
  standing?: boolean;
}

/** GET /api/v1/story: What happened to an application: each commit's way, drifts, operations, who began them. */
export interface GetStoryQuery {
  /** the name of the application */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** its project */
  project?: string;
  /** items, at most 100, the newest */
  limit?: number;
}

/** GET /api/v1/stream/events: The public events of what the caller may see, as CloudEvents. */
export interface FollowEventsQuery {
  /** the name of an application */
  application?: string;
  /** the namespace that it is in */
  appNamespace?: string;
  /** names of projects */
  project?: readonly string[];
  /** types, or what they begin with: app.sync, app.health.degraded, commit */
  kind?: readonly string[];
  /** RFC 3339 time to begin at, of the last 24 hours; now unless given */
  since?: string;
  /** the header Last-Event-ID, for clients that cannot send it */
  lastEventId?: string;
}
