/** `--once`: waits until every Ingress is programmed, asks each of its hosts, prints a table. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ProxyAgent, request } from 'undici';
import type { Ingress } from '../core/kube/objects.ts';
import { textOf } from '../core/text-of.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Applier } from './apply-manifests.ts';

export type OnceInput = {
  readonly box: Sandbox;
  readonly applier: Applier;
  readonly say: (line: string) => void;
  readonly stopped: Promise<void>;
};

/** One request and what became of it. */
type Row = {
  readonly ingress: string;
  readonly loadBalancer: string;
  readonly rules: string;
  readonly record: string;
  readonly url: string;
  readonly status: string;
  readonly answer: string;
  readonly ok: boolean;
};

const POLL = 250;

/** Asks until every Ingress answers, or patience (milliseconds) ends, or somebody stops the program. */
export const untilServed = async (
  { box, applier, stopped }: Omit<OnceInput, 'say'>,
  patience: number,
): Promise<{ readonly rows: readonly Row[]; readonly served: boolean; readonly aborted: boolean }> => {
  let aborted = false;
  void stopped.then(() => {
    aborted = true;
  });
  const proxy = new ProxyAgent(box.proxyUrl);
  const deadline = Date.now() + patience;
  try {
    for (;;) {
      const rows = await look(box, applier, proxy);
      const served = rows.every((row) => row.ok);
      if (served || aborted || Date.now() > deadline)
        return { rows, served: served && rows.length > 0, aborted };
      await sleep(POLL);
    }
  } finally {
    await proxy.close();
  }
};

/** Milliseconds an Ingress may take from being applied to being answered. */
const PATIENCE = 60_000;

/** Resolves with the exit code: 0 when every Ingress was answered and an unknown host was not; else 1, also when stopped. */
export const tryOnce = async (input: OnceInput): Promise<number> => {
  const { rows, served, aborted } = await untilServed(input, PATIENCE);
  if (aborted && !served) {
    input.say('stopped before every Ingress was served');
    return 1;
  }
  input.say(table(rows));
  input.say(served ? 'every Ingress is served' : 'NOT served: see the rows above');
  return served ? 0 : 1;
};

const look = async (box: Sandbox, applier: Applier, proxy: ProxyAgent): Promise<readonly Row[]> => {
  const list = (await applier.get('/apis/networking.k8s.io/v1/ingresses')) as {
    readonly items: readonly Ingress[];
  };
  const rows: Row[] = [];
  for (const ingress of list.items) rows.push(...(await rowsOf(ingress, box, proxy)));
  const hostname = list.items.map(hostnameOf).find((it) => it !== undefined);
  if (hostname) rows.push(await unknownHost(hostname, box, proxy));
  return rows;
};

const hostnameOf = (ingress: Ingress): string | undefined =>
  ingress.status?.loadBalancer?.ingress?.[0]?.hostname;

const rowsOf = async (ingress: Ingress, box: Sandbox, proxy: ProxyAgent): Promise<readonly Row[]> => {
  const name = `${ingress.metadata.namespace}/${ingress.metadata.name}`;
  const hostname = hostnameOf(ingress);
  const facts = hostname === undefined ? undefined : box.describe(hostname);
  const rules = ingress.spec?.rules ?? [];
  return Promise.all(
    rules.flatMap((rule) =>
      (rule.http?.paths ?? []).map(async (path): Promise<Row> => {
        const url = `http://${rule.host ?? hostname ?? ''}${(path.path ?? '/').replace(/\*$/, '')}`;
        const answer =
          hostname === undefined ? { status: '-', text: 'no load balancer yet' } : await ask(url, proxy);
        const record =
          rule.host === undefined ? '(no host)' : box.resolves(rule.host) ? rule.host : 'missing';
        return {
          ingress: name,
          loadBalancer: facts?.name ?? '',
          rules: facts ? String(facts.rules) : '',
          record,
          url,
          status: answer.status,
          answer: answer.text,
          ok: /^[23]/.test(answer.status) && record !== 'missing',
        };
      }),
    ),
  );
};

/** The load balancer's own name is a host no rule knows. */
const unknownHost = async (hostname: string, box: Sandbox, proxy: ProxyAgent): Promise<Row> => {
  const { status, text } = await ask(`http://${hostname}/`, proxy);
  const name = box.describe(hostname)?.name ?? '';
  return {
    ingress: '(unknown host)',
    loadBalancer: name,
    rules: '',
    record: '',
    url: `http://${name}…/`,
    status,
    answer: text,
    ok: status === '404',
  };
};

const ask = async (
  url: string,
  proxy: ProxyAgent,
): Promise<{ readonly status: string; readonly text: string }> => {
  try {
    const { statusCode, body } = await request(url, { dispatcher: proxy });
    const text = (await body.text())
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return { status: String(statusCode), text: text.length > 32 ? `${text.slice(0, 31)}…` : text };
  } catch (error) {
    return { status: '-', text: textOf(error) };
  }
};

const COLUMNS = ['ingress', 'loadBalancer', 'rules', 'record', 'url', 'status', 'answer'] as const;
const TITLES: Readonly<Record<(typeof COLUMNS)[number], string>> = {
  ingress: 'INGRESS',
  loadBalancer: 'LOAD BALANCER',
  rules: 'RULES',
  record: 'RECORD',
  url: 'REQUEST',
  status: 'STATUS',
  answer: 'ANSWER',
};

const table = (rows: readonly Row[]): string => {
  const all = [TITLES, ...rows];
  const width = (column: (typeof COLUMNS)[number]): number =>
    Math.max(...all.map((row) => row[column].length));
  return all
    .map((row) =>
      COLUMNS.map((column) => row[column].padEnd(width(column)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
