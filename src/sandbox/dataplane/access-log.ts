/** One finished request, in the terms of an ALB access log entry. Times in real milliseconds since the epoch. */
export type AccessRecord = {
  readonly type: 'http' | 'https' | 'h2' | 'grpcs' | 'ws' | 'wss';
  readonly loadBalancer: string;
  readonly client: string;
  readonly created: number;
  /** Method, absolute URL and protocol version. */
  readonly request: string;
  readonly userAgent: string | undefined;
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  /** Server name of the TLS handshake. */
  readonly serverName: string | undefined;
  readonly certificate: string | undefined;
  readonly traceId: string;
  readonly action: string;
  readonly priority: number | undefined;
  readonly targetGroup: string | undefined;
  readonly target: string | undefined;
  /** When the request went to the target, and when its answer began. */
  readonly sent: number | undefined;
  readonly answered: number | undefined;
  readonly finished: number;
  readonly status: number;
  readonly targetStatus: number | undefined;
  readonly received: number;
  readonly sentBytes: number;
  readonly redirect: string | undefined;
  readonly errorReason: string | undefined;
  readonly transformed: { readonly host: string; readonly uri: string } | undefined;
};

export type AccessLog = {
  add(record: AccessRecord): void;
  /** The last entries, oldest first, as AWS writes them to S3. */
  lines(): readonly string[];
};

/** Keeps the last `size` requests; a line is only written out when somebody reads. */
export const accessLog = (size = 1000): AccessLog => {
  const ring: AccessRecord[] = [];
  let next = 0;
  return {
    add: (record) => {
      ring[next % size] = record;
      next++;
    },
    lines: () => {
      const oldest = next > size ? next % size : 0;
      return [...ring.slice(oldest), ...ring.slice(0, oldest)].map(accessLogLine);
    },
  };
};

/** Fields and their order are those of the AWS documentation; `-` stands for what does not apply. */
const accessLogLine = (record: AccessRecord): string => {
  const { sent, answered, finished, created } = record;
  const answerBegan = answered ?? finished;
  const times =
    record.target === undefined
      ? ['-1', '-1', '-1']
      : [
          seconds(created, sent),
          seconds(sent, answered),
          answered === undefined ? '-1' : seconds(answerBegan, finished),
        ];
  return [
    record.type,
    new Date(finished).toISOString(),
    record.loadBalancer,
    record.client,
    record.target ?? '-',
    ...times,
    record.status,
    record.targetStatus ?? '-',
    record.received,
    record.sentBytes,
    quoted(record.request),
    quoted(record.userAgent),
    record.tls?.cipher ?? '-',
    record.tls?.version ?? '-',
    record.targetGroup ?? '-',
    quoted(record.traceId),
    quoted(record.serverName),
    quoted(record.certificate),
    record.priority ?? '-',
    new Date(created).toISOString(),
    quoted(record.action),
    quoted(record.redirect),
    quoted(record.errorReason),
    quoted(record.target),
    quoted(record.targetStatus?.toString()),
    quoted(undefined),
    quoted(undefined),
    `TID_${record.traceId.slice(-24)}`,
    quoted(record.transformed?.host),
    quoted(record.transformed?.uri),
    quoted(record.transformed === undefined ? undefined : 'TransformSuccess'),
  ].join(' ');
};

const quoted = (text: string | undefined): string => `"${(text ?? '-').replaceAll('"', '%22')}"`;

const seconds = (from: number | undefined, to: number | undefined): string =>
  from === undefined || to === undefined ? '-1' : ((to - from) / 1000).toFixed(3);
