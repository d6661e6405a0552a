/** Notices that annotations put on an application (`notice.argocd.argoproj.io/…`). */
export type Severity = 'info' | 'warning' | 'critical';

export interface Notice {
  content: string;
  severity: Severity;
  url: string;
  isPermanent: boolean;
  icon: string;
  /** Whether it is shown above the application's page, beside its name in lists, or both. */
  inBanner: boolean;
  inList: boolean;
}

const PREFIX = 'notice.argocd.argoproj.io/';
const MAX_CONTENT = 500;
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/** The notice of an application, if it has one. */
export function noticeOf(annotations: Record<string, string> | undefined): Notice | null {
  const content = annotations?.[`${PREFIX}content`]?.trim().slice(0, MAX_CONTENT);
  if (!content) return null;
  const say = (name: string) => annotations?.[PREFIX + name]?.trim() ?? '';
  const scope = say('scope').toLowerCase();
  return {
    content,
    severity: SEVERITIES.find((one) => one === say('severity').toLowerCase()) ?? 'info',
    url: say('url'),
    isPermanent: say('permanent').toLowerCase() === 'true',
    icon: say('icon'),
    inBanner: scope !== 'icon',
    inList: scope !== 'banner',
  };
}

const VIEWS: readonly string[] = ['tree', 'pods', 'network', 'list'];

/** The view that an application's page opens with; "" when it does not say. */
export function defaultView(annotations: Record<string, string> | undefined): string {
  const said = annotations?.['pref.argocd.argoproj.io/default-view'] ?? '';
  return VIEWS.includes(said) ? said : '';
}
