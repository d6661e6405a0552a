/** Where to go on: the command, the API, the keys of the keyboard, somebody to ask. */
import { addressOf } from '@/api/base';
import { useGet } from '@/api/query';
import { Copy, External, Page, Text } from '@/components';
import { listed } from '@/extensions/start';
import styles from '../settings/Card.module.css';

interface HelpSettings {
  readonly help?: {
    readonly chatUrl?: string;
    readonly chatText?: string;
    readonly binaryUrls?: Readonly<Record<string, string>>;
  };
}

const SCRIPTS = listed().map(([name]) => name);
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', windows: 'Windows' };

export function HelpPage() {
  const { data } = useGet<HelpSettings>('/api/v1/settings');
  const { data: version } = useGet<Record<string, string>>('/api/version');
  const { chatUrl, chatText } = data?.help ?? {};
  return (
    <Page title="Help">
      <section className={styles.card} aria-label="The command">
        <h2>The command</h2>
        <Downloads urls={Object.entries(data?.help?.binaryUrls ?? {})} />
        <p>Then log in:</p>
        <p>
          <code>{loginCommand()}</code> <Copy text={loginCommand()} what="the command" />
        </p>
      </section>
      <section className={styles.card} aria-label="The API">
        <h2>The API</h2>
        <p>
          <a href={addressOf('/swagger-ui')}>All calls with their fields</a>, and the same as{' '}
          <a href={addressOf('/swagger.json')}>an OpenAPI document</a>. Make a token on the page of an account or in a
          project’s role.
        </p>
      </section>
      <section className={styles.card} aria-label="The keyboard">
        <h2>The keyboard</h2>
        <p>
          <kbd>?</kbd> lists the keys of the page that you are on.
        </p>
      </section>
      <section className={styles.card} aria-label="Documentation">
        <h2>Documentation</h2>
        <p>
          What is behind these pages is written down in the folder <code>docs</code> of Fairlead’s sources, in the
          version that runs here{version?.['Version'] ? ` (${version['Version']})` : ''}. What the fields of
          Applications and projects mean is as in Argo CD.
        </p>
        <Added names={SCRIPTS} />
        {chatUrl && (
          <p>
            <External href={chatUrl}>{chatText || chatUrl}</External>
          </p>
        )}
      </section>
    </Page>
  );
}

/** What runs here beside ours: whoever mounted it decided that it may do all that its reader may. */
function Added({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      <p>The operators of this installation added scripts to these pages, which may do all that you may:</p>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <code>
              <Text value={name} length={200} lines={1} />
            </code>
          </li>
        ))}
      </ul>
    </>
  );
}

function Downloads({ urls }: { urls: readonly (readonly [string, string])[] }) {
  if (urls.length === 0)
    return (
      <p>
        The original <code>argocd</code> works with this server as it is, and so does Fairlead’s own, which comes with
        its Python package under both names. No download is offered here: an operator can name some, as{' '}
        <code>help.download.linux-amd64</code> in <code>argocd-cm</code>.
      </p>
    );
  return (
    <ul>
      {urls.map(([platform, url]) => (
        <li key={platform}>
          <External href={url}>{nameOf(platform)}</External>
        </li>
      ))}
    </ul>
  );
}

function nameOf(platform: string): string {
  const [system = '', machine = ''] = platform.split('-');
  return `${SYSTEMS[system] ?? system} (${machine})`;
}

function loginCommand(): string {
  const root = new URL(addressOf('/'), window.location.origin).pathname.replace(/\/$/, '');
  return `argocd login ${window.location.host}${root ? ` --grpc-web-root-path ${root}` : ''}`;
}
