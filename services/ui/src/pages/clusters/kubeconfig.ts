/** What a pasted kubeconfig says of the cluster of its current context. Nothing that it names is executed or read. */
import { type Json, listAt, objectAt, textAt, valueAt } from '@/kubernetes/json';
import { fromYaml } from '@/kubernetes/yaml';
import { type Connection, EMPTY, type Pair } from './connection';

export interface Pasted {
  readonly name: string;
  readonly server: string;
  readonly connection: Connection;
  /** What of it cannot be taken along. */
  readonly left: readonly string[];
}

/** What it says; a sentence where it cannot be read. */
export function read(text: string): Pasted | string {
  const found = fromYaml(text);
  if ('problems' in found) return found.problems[0]?.message ?? 'It cannot be read';
  const { value } = found;
  const context = objectAt(named(value, 'contexts', textAt(value, 'current-context')), 'context');
  const clusterName = textAt(context, 'cluster');
  const cluster = objectAt(named(value, 'clusters', clusterName), 'cluster');
  const user = objectAt(named(value, 'users', textAt(context, 'user')), 'user');
  const server = textAt(cluster, 'server');
  if (!server) return 'It has no current context with a cluster and a server';
  const files = [
    ['certificate-authority', cluster],
    ['client-certificate', user],
    ['client-key', user],
    ['tokenFile', user],
  ] as const;
  const left = files.filter(([key, of]) => textAt(of, key)).map(([key]) => `the file of ${key}`);
  return {
    name: clusterName,
    server,
    connection: {
      ...EMPTY,
      ...whoOf(user),
      caData: textAt(cluster, 'certificate-authority-data'),
      serverName: textAt(cluster, 'tls-server-name'),
      insecure: valueAt(cluster, ['insecure-skip-tls-verify']) === true,
      proxyUrl: textAt(cluster, 'proxy-url'),
      disableCompression: valueAt(cluster, ['disable-compression']) === true,
    },
    left: [...left, ...(valueAt(user, ['auth-provider']) ? ['its auth-provider'] : [])],
  };
}

function whoOf(user: Json): Partial<Connection> {
  const program = objectAt(user, 'exec');
  if (textAt(program, 'command')) {
    return {
      way: 'exec',
      command: textAt(program, 'command'),
      args: listAt(program, 'args').map(String).join('\n'),
      env: listAt(program, 'env').map((one): Pair => ({ key: textAt(one, 'name'), value: textAt(one, 'value') })),
      apiVersion: textAt(program, 'apiVersion') || EMPTY.apiVersion,
      installHint: textAt(program, 'installHint'),
      provideClusterInfo: valueAt(program, ['provideClusterInfo']) === true,
    };
  }
  const certData = textAt(user, 'client-certificate-data');
  if (certData) return { way: 'certificate', certData, keyData: textAt(user, 'client-key-data') };
  const username = textAt(user, 'username');
  if (username) return { way: 'password', username, password: textAt(user, 'password') };
  return { way: 'token', bearerToken: textAt(user, 'token') };
}

function named(value: Json, list: string, name: string): Json {
  return listAt(value, list).find((one) => textAt(one, 'name') === name) ?? null;
}
