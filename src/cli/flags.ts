/**
 * Every flag, once: parser, help and `docs/reference/flags.md` are made from this table. Names and environment
 * variables are those that users of the 2017 controller and of LBC have already, where the meaning is the same.
 */
export type FlagRow = {
  readonly type: 'text' | 'list' | 'duration' | 'port' | 'truth' | 'file';
  /** Environment variable that counts when the flag is absent. */
  readonly env?: string;
  /** Older spellings. */
  readonly aliases?: readonly string[];
  readonly initial?: string;
  readonly placeholder?: string;
  readonly doc: string;
  readonly commands: readonly ('run' | 'plan' | 'sandbox')[];
};

export const FLAGS = {
  'cluster-name': {
    type: 'text',
    env: 'CLUSTER_NAME',
    aliases: ['clusterName'],
    placeholder: 'NAME',
    doc: 'name of the cluster, in tags and names of everything made; required. Two clusters of one account must not share it',
    commands: ['run', 'plan'],
  },
  'ingress-class': {
    type: 'text',
    initial: 'alb',
    placeholder: 'NAME',
    doc: 'value of the legacy annotation kubernetes.io/ingress.class that means this controller',
    commands: ['run', 'plan'],
  },
  'watch-namespace': {
    type: 'list',
    placeholder: 'NS[,NS]',
    doc: 'namespaces to look after; without it all of them',
    commands: ['run', 'plan'],
  },
  'aws-region': {
    type: 'text',
    env: 'AWS_REGION',
    placeholder: 'REGION',
    doc: 'Region of the load balancers; AWS_DEFAULT_REGION counts too',
    commands: ['run', 'plan', 'sandbox'],
  },
  'aws-vpc-id': {
    type: 'text',
    placeholder: 'ID',
    doc: 'VPC of the cluster; without it that of the subnets tagged kubernetes.io/cluster/NAME, or the only one',
    commands: ['run', 'plan'],
  },
  kubeconfig: {
    type: 'file',
    placeholder: 'FILE',
    doc: 'how to reach the cluster; without it KUBECONFIG, ~/.kube/config, or the service account of the pod',
    commands: ['run', 'plan'],
  },
  'sync-period': {
    type: 'duration',
    env: 'ALB_SYNC_INTERVAL',
    aliases: ['alb-sync-interval'],
    initial: '10m',
    placeholder: 'DURATION',
    doc: 'longest time until what AWS holds is looked at again although nothing changed in the cluster',
    commands: ['run'],
  },
  'healthz-port': {
    type: 'port',
    initial: '10254',
    placeholder: 'PORT',
    doc: 'port of /healthz, /readyz, /metrics and /state on 127.0.0.1; 0 switches them off',
    commands: ['run'],
  },
  'health-probe-bind-addr': {
    type: 'text',
    aliases: ['health-bind-address'],
    placeholder: 'HOST:PORT',
    doc: 'where /healthz and /readyz are served instead, such as :10254 for the probes of a kubelet; 0 switches them off',
    commands: ['run'],
  },
  'metrics-bind-addr': {
    type: 'text',
    placeholder: 'HOST:PORT',
    doc: 'where /metrics and /state are served; without it beside /healthz',
    commands: ['run'],
  },
  'enable-leader-election': {
    type: 'truth',
    initial: 'true',
    doc: 'of several controllers with the same leader-election-id only one works, the others stand by. Switch it off only where there is never more than one',
    commands: ['run'],
  },
  'leader-election-id': {
    type: 'text',
    aliases: ['election-id'],
    initial: 'aws-load-balancer-controller-leader',
    placeholder: 'NAME',
    doc: 'name of the Lease. The default is that of LBC, so that the two never work at the same time',
    commands: ['run'],
  },
  'leader-election-namespace': {
    type: 'text',
    env: 'POD_NAMESPACE',
    initial: 'kube-system',
    placeholder: 'NS',
    doc: 'namespace of the Lease',
    commands: ['run'],
  },
  'leader-election-lease-duration': {
    type: 'duration',
    initial: '15s',
    placeholder: 'DURATION',
    doc: 'how long the others wait for a leader they hear nothing from',
    commands: ['run'],
  },
  'leader-election-renew-deadline': {
    type: 'duration',
    initial: '10s',
    placeholder: 'DURATION',
    doc: 'how long after its last renewal the leader still writes; what remains of the lease duration is for calls under way',
    commands: ['run'],
  },
  'leader-election-retry-period': {
    type: 'duration',
    initial: '2s',
    placeholder: 'DURATION',
    doc: 'time between renewals, and between looks of those who stand by',
    commands: ['run'],
  },
  'disable-route53': {
    type: 'truth',
    env: 'DISABLE_ROUTE53',
    doc: 'make no DNS records and never ask Route 53',
    commands: ['run', 'plan'],
  },
  'dns-policy': {
    type: 'text',
    initial: 'sync',
    placeholder: 'sync|upsert-only|create-only',
    doc: 'what may be done to records: everything; never delete one; or never change one either',
    commands: ['run', 'plan'],
  },
  'max-dns-deletes': {
    type: 'text',
    initial: '500',
    placeholder: 'N',
    doc: 'more deletes of records than this in one plan are held back, and no more than this many are done in a minute',
    commands: ['run', 'plan'],
  },
  'dns-delete-grace': {
    type: 'duration',
    initial: '60s',
    placeholder: 'DURATION',
    doc: 'how long a record stays whose Ingress was not seen deleted but is just not there',
    commands: ['run', 'plan'],
  },
  'dns-zone-type': {
    type: 'text',
    initial: 'any',
    placeholder: 'any|public|private',
    doc: 'hosted zones records may be made in',
    commands: ['run', 'plan'],
  },
  'dns-private-zones': {
    type: 'text',
    initial: 'last',
    placeholder: 'last|prefer',
    doc: 'where records of internal load balancers go if a private zone covers them: into a public one all the same, or into the private one',
    commands: ['run', 'plan'],
  },
  'dns-zone-id-filter': {
    type: 'list',
    placeholder: 'ID[,ID]',
    doc: 'hosted zones records may be made in; without it all of them',
    commands: ['run', 'plan'],
  },
  'dns-domain-filter': {
    type: 'list',
    placeholder: 'DOMAIN[,DOMAIN]',
    doc: 'records are made only in hosted zones with one of these names, or below',
    commands: ['run', 'plan'],
  },
  'dns-adopt-owner': {
    type: 'text',
    placeholder: 'ID',
    doc: 'owner id (--txt-owner-id) of an external-dns whose records for Ingresses of this cluster count as ours; without it they are not touched',
    commands: ['run', 'plan'],
  },
  'dns-claim-adopted': {
    type: 'truth',
    doc: 'replace the ownership records of external-dns by ours for everything adopted; there is no way back but by hand',
    commands: ['run', 'plan'],
  },
  'txt-prefix': {
    type: 'text',
    placeholder: 'PREFIX',
    doc: '--txt-prefix of that external-dns',
    commands: ['run', 'plan'],
  },
  'txt-suffix': {
    type: 'text',
    placeholder: 'SUFFIX',
    doc: '--txt-suffix of that external-dns',
    commands: ['run', 'plan'],
  },
  'txt-wildcard-replacement': {
    type: 'text',
    placeholder: 'TEXT',
    doc: '--txt-wildcard-replacement of that external-dns',
    commands: ['run', 'plan'],
  },
  'aws-rate-budget': {
    type: 'text',
    initial: 'aws',
    placeholder: 'aws|off',
    doc: 'stay below the request rates AWS documents, or do not (only for the sandbox)',
    commands: ['run'],
  },
  'load-balancer-grace': {
    type: 'duration',
    initial: '90s',
    placeholder: 'DURATION',
    doc: 'how long a replaced load balancer serves on after its name has moved; answers are cached for 60 s',
    commands: ['run', 'plan'],
  },
  'target-group-grace': {
    type: 'duration',
    initial: '5m',
    placeholder: 'DURATION',
    doc: 'how long a target group stays after the last rule let go of it, for requests under way',
    commands: ['run', 'plan'],
  },
  'target-health-wait': {
    type: 'duration',
    initial: '5m',
    placeholder: 'DURATION',
    doc: 'longest time a rule keeps its old target group because no target of the new one is healthy yet; then requests go to the new one and an event says so',
    commands: ['run', 'plan'],
  },
  'default-tags': {
    type: 'text',
    placeholder: 'K=V[,K=V]',
    doc: 'tags on everything that is made; they win over those of Ingresses and Services',
    commands: ['run', 'plan'],
  },
  'external-managed-tags': {
    type: 'list',
    placeholder: 'KEY[,KEY]',
    doc: 'keys of tags that somebody else looks after: they are left alone, and no annotation may state them',
    commands: ['run', 'plan'],
  },
  'default-load-balancer-scheme': {
    type: 'text',
    placeholder: 'internal|internet-facing',
    doc: 'scheme of load balancers whose Ingresses state none; internal without it',
    commands: ['run', 'plan'],
  },
  'default-ssl-policy': {
    type: 'text',
    placeholder: 'POLICY',
    doc: 'policy of HTTPS listeners whose Ingresses state none; ELBSecurityPolicy-2016-08 without it',
    commands: ['run', 'plan'],
  },
  'default-target-type': {
    type: 'text',
    placeholder: 'instance|ip',
    doc: 'target type where no annotation states one; instance without it',
    commands: ['run', 'plan'],
  },
  'certificate-discovery': {
    type: 'text',
    initial: 'discover',
    placeholder: 'off|exact|discover',
    doc: 'how certificates of ACM are found by host for Ingresses with an HTTPS listener and no certificate-arn: not at all, by the very name, or also by wildcard',
    commands: ['run', 'plan'],
  },
  'tls-secrets': {
    type: 'text',
    placeholder: 'ignore|import',
    doc: 'what the annotation tls-secrets is where no Ingress states it: whether Secrets of spec.tls are imported into ACM; ignore without it. It opens no port: HTTPS is where listen-ports has it, or where the annotation is stated',
    commands: ['run', 'plan'],
  },
  'default-pca-arn': {
    type: 'text',
    placeholder: 'ARN',
    doc: 'private certificate authority for create-acm-cert where acm-pca-arn is not stated; without it Amazon issues',
    commands: ['run', 'plan'],
  },
  'certificate-expiry-warning': {
    type: 'duration',
    initial: '336h',
    placeholder: 'DURATION',
    doc: 'how long before its end an event tells of a certificate in use that nothing has renewed; 0 for never',
    commands: ['run', 'plan'],
  },
  'certificate-grace': {
    type: 'duration',
    initial: '1h',
    placeholder: 'DURATION',
    doc: 'how long a certificate of ours stays in ACM after the last listener let go of it, because ACM counts imports over a year',
    commands: ['run', 'plan'],
  },
  'tolerate-non-existent-backend-service': {
    type: 'truth',
    initial: 'true',
    doc: 'answer 503 for a Service that does not exist; otherwise its path stays as it was',
    commands: ['run', 'plan'],
  },
  'tolerate-non-existent-backend-action': {
    type: 'truth',
    initial: 'false',
    doc: 'answer 503 for an actions annotation that does not exist; otherwise its path stays as it was',
    commands: ['run', 'plan'],
  },
  'log-level': {
    type: 'text',
    env: 'LOG_LEVEL',
    initial: 'info',
    placeholder: 'debug|info|warn|error',
    doc: 'least level that is logged',
    commands: ['run', 'plan', 'sandbox'],
  },
  'default-backend-service': {
    type: 'text',
    placeholder: 'NS/NAME',
    doc: 'accepted with a note: the load balancer itself answers 404 to what no rule matches, so no Service is needed',
    commands: ['run'],
  },
  filename: {
    type: 'list',
    aliases: ['f'],
    placeholder: 'FILE|DIR',
    doc: 'plan what these manifests would make in an empty account, without asking cluster or AWS; may be repeated',
    commands: ['plan'],
  },
  output: {
    type: 'text',
    aliases: ['o'],
    initial: 'text',
    placeholder: 'text|json',
    doc: 'form of the plan',
    commands: ['plan'],
  },
  explain: {
    type: 'truth',
    doc: 'also say why: every subnet that was considered, the certificates, the order of the rules and the zone of each record, each with its reason',
    commands: ['plan'],
  },
  dir: {
    type: 'file',
    initial: '.sandbox',
    placeholder: 'DIR',
    doc: 'where kubeconfig, env and the state of the sandbox are kept',
    commands: ['sandbox'],
  },
  apply: {
    type: 'list',
    placeholder: 'FILE|DIR',
    doc: 'manifests to apply once it runs; may be repeated. Without it the examples that come with the program',
    commands: ['sandbox'],
  },
  once: {
    type: 'truth',
    doc: 'apply the manifests, wait until they are programmed, request each, print a table, exit 0 or 1',
    commands: ['sandbox'],
  },
  'no-controller': {
    type: 'truth',
    doc: 'leave the controller out, to run another one against the sandbox',
    commands: ['sandbox'],
  },
  'aws-only': {
    type: 'truth',
    doc: 'only AWS with its load balancers, proxy and DNS: no cluster and no controller',
    commands: ['sandbox'],
  },
  'aws-throttling': {
    type: 'text',
    initial: 'off',
    placeholder: 'off|aws|aws-current',
    doc: 'refuse calls that come faster than AWS lets them',
    commands: ['sandbox'],
  },
  speed: {
    type: 'text',
    initial: '60',
    placeholder: 'FACTOR',
    doc: 'how many seconds of AWS time pass in one second: 60 makes a load balancer active after 2 s',
    commands: ['sandbox'],
  },
} as const satisfies Record<string, FlagRow>;

export type FlagName = keyof typeof FLAGS;
export type Command = 'run' | 'plan' | 'sandbox';

/** Flags of LBC and of the 2017 controller that mean nothing here: accepted, with one line that says why. */
export const IGNORED_FLAGS: Readonly<Record<string, string>> = {
  'enable-endpoint-slices': 'EndpointSlices are always used',
  'apiserver-host': 'the kubeconfig says where the API server is',
  profiling: 'no profiling endpoint is served',
  'update-status': 'the status is always written',
  'update-status-on-shutdown': 'load balancers outlive the controller, and so does the status',
  'publish-service': 'it has no meaning for load balancers outside the cluster',
  configmap: 'settings come from flags and annotations',
  'tcp-services-configmap': 'an Application Load Balancer carries HTTP only',
  'udp-services-configmap': 'an Application Load Balancer carries HTTP only',
  'health-check-path': 'health checks are set by annotations',
  'force-namespace-isolation': 'a backend is always in the namespace of its Ingress',
  'sort-backends': 'load balancers choose targets by themselves',
  'webhook-bind-port': 'no webhook is needed',
  'webhook-cert-dir': 'no webhook is needed',
  'ingress-max-concurrent-reconciles': 'the number of workers is fixed; AWS request rates are the limit',
};
