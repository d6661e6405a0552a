/**
 * How a cluster is connected to, as a form holds it, and the `config` of it that the API takes.
 *
 * Invariant: what is sent is what the form shows for its way; nothing that was typed for another goes along.
 */
import type { Cluster } from './model';

export const WAYS = {
  token: 'Bearer token',
  certificate: 'Client certificate',
  password: 'User name and password',
  aws: 'Amazon EKS',
  exec: 'A program that prints credentials',
  none: 'No credentials',
} as const;

export type Way = keyof typeof WAYS;

export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface Connection {
  readonly way: Way;
  readonly bearerToken: string;
  readonly username: string;
  readonly password: string;
  readonly certData: string;
  readonly keyData: string;
  readonly clusterName: string;
  readonly roleARN: string;
  readonly profile: string;
  readonly command: string;
  /** One on each line. */
  readonly args: string;
  readonly env: readonly Pair[];
  readonly apiVersion: string;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  readonly caData: string;
  readonly serverName: string;
  readonly insecure: boolean;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
}

export const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'] as const;

export const EMPTY: Connection = {
  way: 'token',
  bearerToken: '',
  username: '',
  password: '',
  certData: '',
  keyData: '',
  clusterName: '',
  roleARN: '',
  profile: '',
  command: '',
  args: '',
  env: [],
  apiVersion: EXEC_VERSIONS[0],
  installHint: '',
  provideClusterInfo: false,
  caData: '',
  serverName: '',
  insecure: false,
  proxyUrl: '',
  disableCompression: false,
};

/** What is told of a cluster's connection; whatever is secret has to be typed anew. */
export function toldOf({ config }: Cluster): Connection {
  const { tlsClientConfig: tls, awsAuthConfig: aws } = config ?? {};
  return {
    ...EMPTY,
    way: aws?.clusterName ? 'aws' : 'token',
    clusterName: aws?.clusterName ?? '',
    roleARN: aws?.roleARN ?? '',
    profile: aws?.profile ?? '',
    serverName: tls?.serverName ?? '',
    insecure: tls?.insecure ?? false,
    proxyUrl: config?.proxyUrl ?? '',
    disableCompression: config?.disableCompression ?? false,
  };
}

/** Ways that make credentials of who Fairlead is itself, or by a program that runs there. */
export function isOwnIdentity(way: Way): boolean {
  return way === 'aws' || way === 'exec';
}

export type Config = Readonly<Record<string, unknown>>;

export function configOf(typed: Connection): Config {
  const tls = {
    insecure: typed.insecure,
    ...filled({
      serverName: typed.serverName.trim(),
      caData: typed.insecure ? '' : encoded(typed.caData),
      ...(typed.way === 'certificate' ? { certData: encoded(typed.certData), keyData: encoded(typed.keyData) } : {}),
    }),
  };
  return {
    ...identityOf(typed),
    tlsClientConfig: tls,
    ...filled({ proxyUrl: typed.proxyUrl.trim() }),
    ...(typed.disableCompression ? { disableCompression: true } : {}),
  };
}

function identityOf(typed: Connection): Config {
  switch (typed.way) {
    case 'token':
      return { bearerToken: typed.bearerToken.trim() };
    case 'password':
      return { username: typed.username.trim(), password: typed.password };
    case 'aws':
      return {
        awsAuthConfig: filled({
          clusterName: typed.clusterName.trim(),
          roleARN: typed.roleARN.trim(),
          profile: typed.profile.trim(),
        }),
      };
    case 'exec':
      return { execProviderConfig: programOf(typed) };
    default:
      return {};
  }
}

function programOf(typed: Connection): Config {
  const args = typed.args.split('\n').filter((one) => one !== '');
  const env = Object.fromEntries(
    typed.env.filter(({ key }) => key.trim()).map(({ key, value }) => [key.trim(), value]),
  );
  return {
    command: typed.command.trim(),
    apiVersion: typed.apiVersion,
    ...(args.length > 0 ? { args } : {}),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...filled({ installHint: typed.installHint.trim() }),
    ...(typed.provideClusterInfo ? { provideClusterInfo: true } : {}),
  };
}

export type Field = keyof Connection;

const NEEDED: Readonly<Record<Way, readonly Field[]>> = {
  token: ['bearerToken'],
  certificate: ['certData', 'keyData'],
  password: ['username', 'password'],
  aws: ['clusterName'],
  exec: ['command'],
  none: [],
};
const PEM: readonly Field[] = ['caData', 'certData', 'keyData'];

/** What is wrong with it before it is sent, by field. */
export function problemsOf(typed: Connection): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  for (const name of NEEDED[typed.way]) if (!text(typed[name])) found[name] = 'Needed';
  const shown = typed.way === 'certificate' ? PEM : ['caData' as const];
  for (const name of shown) {
    const given = text(typed[name]);
    if (given && !isPem(given) && !isEncoded(given)) found[name] = 'PEM, or PEM in base64 as a kubeconfig has it';
  }
  const proxy = typed.proxyUrl.trim();
  if (proxy && !/^https?:\/\/./.test(proxy)) found.proxyUrl = 'Begins with http:// or https://';
  return found;
}

const BEGIN = '-----BEGIN ';

function isPem(given: string): boolean {
  return given.startsWith(BEGIN);
}

/** Whether a text is base64 of PEM. */
function isEncoded(given: string): boolean {
  try {
    return isPem(atob(given.replaceAll(/\s/g, '')).trim());
  } catch {
    return false;
  }
}

/** PEM in base64, whichever of both was typed. */
function encoded(typed: string): string {
  const given = typed.trim();
  if (!given) return '';
  return isPem(given) ? btoa(`${given}\n`) : given.replaceAll(/\s/g, '');
}

function text(value: Connection[Field]): string {
  return typeof value === 'string' ? value.trim() : '';
}

function filled(fields: Readonly<Record<string, string>>): Config {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
