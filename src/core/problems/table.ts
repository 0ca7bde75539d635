/**
 * Everything a user can get wrong, once. A row's key is the reason of the Warning event; `docs/reference/events.md`
 * is made from this table. Messages name the object, the field, what was expected and what to do.
 */
export type ProblemRow = {
  /** What this means, for the reference page. */
  readonly cause: string;
  /** What to do about it, for the reference page. */
  readonly fix: string;
  /** What the controller does meanwhile. */
  readonly meanwhile: string;
};

const LEFT_AS_IS =
  'what this Ingress already serves stays as it is; what is new about it waits; other Ingresses of the group go on';

export const PROBLEMS = {
  InvalidAnnotation: {
    cause: 'an annotation has a value that cannot be used',
    fix: 'correct the value as the message says, or remove the annotation',
    meanwhile: LEFT_AS_IS,
  },
  UnknownAnnotation: {
    cause: 'an annotation under our prefix is not one we know, usually a typing mistake',
    fix: 'use the name the message suggests, or remove the annotation',
    meanwhile: 'the annotation is ignored; everything else works',
  },
  SetByClass: {
    cause: 'an annotation says something that IngressClassParams of the class say too, and differently',
    fix: 'remove the annotation, or use another class',
    meanwhile: 'what the class says counts',
  },
  ConflictingSetting: {
    cause: 'two Ingresses of one group state different values for something the group has only once',
    fix: 'make the values equal, or remove one of them',
    meanwhile: 'the value of the Ingress with the lower group.order, then the older one, counts',
  },
  IngressClassMissing: {
    cause: 'the Ingress names an IngressClass that does not exist',
    fix: 'create the IngressClass with spec.controller ingress.k8s.aws/alb, or correct spec.ingressClassName',
    meanwhile: LEFT_AS_IS,
  },
  ClassUnusable: {
    cause:
      'the IngressClass refers to IngressClassParams that do not exist or cannot be read, or the class or its parameters have a value that cannot be used',
    fix: 'create the IngressClassParams, or correct the field or annotation that the message names',
    meanwhile: LEFT_AS_IS,
  },
  NotAllowed: {
    cause:
      'the class does not allow the Ingress what it asks for: its namespace, a host, the group, or the scheme of the load balancer',
    fix: 'use what the message says is allowed, or another class, or ask whoever looks after the class',
    meanwhile: LEFT_AS_IS,
  },
  WriteRefused: {
    cause:
      'Kubernetes did not let the controller write its finalizer into the Ingress: an admission webhook, a policy or a role is against it',
    fix: 'correct what the message says, or permit the controller to update the Ingress; it tries again by itself',
    meanwhile: LEFT_AS_IS,
  },
  HostTaken: {
    cause:
      'an Ingress of another namespace in the group had the host first, and its namespace does not share it',
    fix: 'use another host or another group, or ask that namespace to name yours in share-hosts-with',
    meanwhile:
      'the path is left as it was, or out when it is new; other hosts of the Ingress work, and so do the others of the group',
  },
  InvalidPath: {
    cause: 'a path cannot be expressed as an ALB condition',
    fix: 'correct the path or its pathType as the message says',
    meanwhile: 'the path is left as it was, or out when it is new; other paths work',
  },
  InvalidBackend: {
    cause:
      'a backend names something that cannot receive traffic, such as a missing port or a ClusterIP Service with target type instance',
    fix: 'correct the backend or the Service as the message says',
    meanwhile: 'the path is left as it was, or out when it is new; other paths work',
  },
  ServiceMissing: {
    cause: 'a backend or a TargetGroupBinding names a Service that does not exist',
    fix: 'create the Service, or correct its name',
    meanwhile:
      'requests for the path get 503; the target group it had goes when nothing uses it any more; one that is bound is emptied',
  },
  TargetGroupMissing: {
    cause: 'an action or a TargetGroupBinding names a target group that the account and Region do not have',
    fix: 'create the target group, or correct its name',
    meanwhile:
      'the path is left as it was, or out when it is new; other paths work; it is looked for again every minute',
  },
  SecretUnusable: {
    cause: 'a Secret that an annotation names does not exist, lacks a key, or may not be read',
    fix: 'create or correct the Secret as the message says, or let the controller read it (rbac.secrets of the chart)',
    meanwhile: `nothing is served without the login it is for: ${LEFT_AS_IS}`,
  },
  GuardNeedsHttps: {
    cause:
      'a path asks for a login or a token (auth-type, jwt-validation) on an HTTP port, where AWS has neither',
    fix: 'have the HTTP ports redirect with ssl-redirect, or leave them out of listen-ports',
    meanwhile:
      'requests on the HTTP port are redirected to the HTTPS port of the Ingress; without one, and for a default backend, what it serves there stays as it is and nothing new is served',
  },
  DuplicateRule: {
    cause: 'two paths have the same host and path, so only the first can ever match',
    fix: 'remove one of them, or give them different paths',
    meanwhile: 'the first one (lower group.order, then older Ingress) serves',
  },
  SubnetsUnusable: {
    cause: 'no two usable subnets in different Availability Zones could be found for the load balancer',
    fix: 'name subnets in the annotation, or tag them kubernetes.io/role/elb or kubernetes.io/role/internal-elb',
    meanwhile: 'a load balancer that exists keeps its subnets; a new one waits',
  },
  SecurityGroupMissing: {
    cause: 'the annotation security-groups names a group that does not exist in the VPC',
    fix: 'correct the id or the Name tag',
    meanwhile: 'a load balancer that exists keeps its groups; a new one waits',
  },
  CertificateUnusable: {
    cause:
      'an HTTPS listener has no certificate, or one that ACM does not have or has not issued, or none was found for a host',
    fix: 'name an issued certificate of this Region in certificate-arn, or have one issued for the host',
    meanwhile:
      'a listener that exists keeps its certificates; a new one waits until it has one; other hosts work',
  },
  CertificatePending: {
    cause: 'ACM has not issued yet a certificate that an Ingress asks for with create-acm-cert',
    fix: 'wait; where the message names a record that is to be made by hand, make it: ACM gives up after 72 hours',
    meanwhile:
      'a listener that exists keeps its certificates; a new one waits until it has one; everything else works',
  },
  TlsSecretUnusable: {
    cause:
      'a Secret of spec.tls is missing, cannot be read, has expired, or holds no certificate with its key for the hosts',
    fix: 'correct the Secret as the message says; it is looked at again as soon as it changes',
    meanwhile: 'what was imported from it before is served on; other certificates and hosts work',
  },
  CertificateExpiring: {
    cause: 'a certificate that an HTTPS listener serves ends soon, and nothing has renewed it',
    fix: 'renew it: the Secret, or the certificate in ACM; for one that ACM issued see whether its validation record still stands',
    meanwhile: 'it is served until another one replaces it, also when it has expired',
  },
  QuotaReached: {
    cause: 'a load balancer cannot have more rules or certificates than the quota of the account',
    fix: 'ask AWS to raise the quota, or spread the Ingresses over several groups',
    meanwhile:
      'what exists and what fits works; what does not is left out, and made as soon as there is room',
  },
  HostedZoneMissing: {
    cause: 'no Route 53 hosted zone of this account covers a host of the Ingress',
    fix: 'create the zone, correct the host, or run with --disable-route53 when DNS is kept elsewhere',
    meanwhile: 'the load balancer works; the record is made as soon as a zone appears',
  },
  PermissionMissing: {
    cause: 'AWS does not let the controller read something that this Ingress needs',
    fix: 'allow the action the message names; examples/iam-policy.json has them all',
    meanwhile:
      'the load balancer works; records that exist stay, new ones wait; it is looked at again every minute',
  },
  InvalidHost: {
    cause: 'a host of the Ingress can be no name in DNS, or none in a rule of a load balancer',
    fix: 'correct it as the message says',
    meanwhile:
      'it gets no record; where only DNS cannot have the name, the load balancer takes requests for it; other hosts work',
  },
  TargetsNotHealthy: {
    cause:
      'a rule was to send its requests to a new target group, and none of its targets has become healthy in the time of --target-health-wait',
    fix: 'look at the pods and at the health check of the target group; or take the change back',
    meanwhile: 'requests go to the new target group now, as the Ingress says',
  },
  CutoverReturned: {
    cause: 'the load balancer stopped serving while a name was being moved to it step by step',
    fix: 'find out why its targets are unhealthy; say pause or return in dns-cutover if it is not to begin again',
    meanwhile:
      'everything leads to what was there before; after one dns-cutover-interval the steps begin again',
  },
  InvalidBinding: {
    cause: 'a TargetGroupBinding has a field that cannot be used',
    fix: 'correct the field as the message says',
    meanwhile: 'the targets that are registered stay; other bindings work',
  },
  TargetGroupMismatch: {
    cause:
      'a target group is not what the TargetGroupBinding says, or cannot take the targets of this cluster',
    fix: 'correct the field, or name another target group',
    meanwhile: 'the targets that are registered stay; other bindings work',
  },
  TargetGroupTaken: {
    cause: 'a TargetGroupBinding names a target group that another one, an Ingress or another cluster fills',
    fix: 'name another target group, or say on all sides that it is shared by several clusters',
    meanwhile: 'whoever had the target group first goes on filling it',
  },
  RoleUnusable: {
    cause: 'the role a TargetGroupBinding names cannot be assumed',
    fix: 'let the role trust the role of the controller, with the external id if it asks for one, and permit sts:AssumeRole',
    meanwhile: 'the targets that are registered stay; it is tried again every minute',
  },
  NetworkingLeft: {
    cause: 'a TargetGroupBinding asks for rules in security groups of nodes or pods, which stay yours',
    fix: 'make the rules yourself, then take spec.networking out',
    meanwhile: 'targets are registered; whether requests reach them is up to your rules',
  },
  HeldBack: {
    cause: 'a change was planned that is not safe or not ours to make',
    fix: 'read the message: it names what is in the way',
    meanwhile: 'what exists stays as it is',
  },
  AwsRefused: {
    cause: 'AWS refused a call',
    fix: 'read the AWS message; for AccessDenied compare the role with examples/iam-policy.json',
    meanwhile: 'the operation is tried again with growing pauses; what does not depend on it goes on',
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Something wrong about one Ingress. Becomes a Warning event on it. */
export type Problem = {
  readonly code: ProblemCode;
  /** `namespace/name`. */
  readonly ingress: string;
  /** One sentence; names the field, the value and what was expected. */
  readonly message: string;
};
