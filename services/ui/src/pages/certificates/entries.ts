/** Certificates and known hosts as they are pasted, and as the API takes them. */

export const CERTIFICATES = '/api/v1/certificates';

export type CertType = 'https' | 'ssh';

export interface Certificate {
  readonly serverName?: string;
  readonly certType?: string;
  readonly certSubType?: string;
  /** Base64 of what is stored. */
  readonly certData?: string;
  readonly certInfo?: string;
}

export interface Read {
  readonly entries: readonly Certificate[];
  /** What cannot be read; '' where all can. */
  readonly problem: string;
}

/** The entry of a server's PEM. */
export function tlsEntry(server: string, pem: string): Read {
  if (!server.trim()) return { entries: [], problem: 'The server is needed' };
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    return { entries: [], problem: 'A certificate begins with -----BEGIN CERTIFICATE-----' };
  return {
    entries: [{ serverName: server.trim(), certType: 'https', certData: base64(`${pem.trim()}\n`) }],
    problem: '',
  };
}

/** The entries of lines as `ssh-keyscan` prints them: `host[,host…] type key`. */
export function sshEntries(text: string): Read {
  const entries: Certificate[] = [];
  const lines = text.split('\n').map((line) => line.trim());
  for (const [at, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [hosts, type, key] = line.split(/\s+/);
    if (hosts === undefined || type === undefined || key === undefined || /^[@|]/.test(hosts)) {
      return { entries: [], problem: `Line ${at + 1} is not: host type key` };
    }
    for (const host of hosts.split(','))
      entries.push({ serverName: host, certType: 'ssh', certSubType: type, certData: base64(key) });
  }
  return entries.length > 0 ? { entries, problem: '' } : { entries, problem: 'No line names a host and its key' };
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
