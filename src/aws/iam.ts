/**
 * Every AWS operation the controller calls, by IAM service prefix. `examples/iam-policy.json` is made from this table,
 * and a test sees that it names exactly what the code calls.
 */
type Actions = {
  readonly sid: string;
  readonly service: string;
  readonly operations: readonly string[];
  /** What AWS asks for along with one of them. */
  readonly also?: readonly string[];
  readonly guarded?: 'resource';
  /** Not in the policy: what it may be allowed on only the user knows, and `*` would be too much. */
  readonly byHand?: true;
};

export const ACTIONS: readonly Actions[] = [
  {
    sid: 'ReadNetwork',
    service: 'ec2',
    // The Regions: before the record of a certificate goes, those of all of them are looked at.
    operations: [
      'DescribeRegions',
      'DescribeRouteTables',
      'DescribeSecurityGroups',
      'DescribeSubnets',
      'DescribeVpcs',
    ],
  },
  {
    sid: 'ReadLoadBalancers',
    service: 'elasticloadbalancing',
    operations: [
      'DescribeAccountLimits',
      'DescribeCapacityReservation',
      'DescribeListenerAttributes',
      'DescribeListenerCertificates',
      'DescribeListeners',
      'DescribeLoadBalancerAttributes',
      'DescribeLoadBalancers',
      'DescribeRules',
      'DescribeTags',
      'DescribeTargetGroupAttributes',
      'DescribeTargetGroups',
      'DescribeTargetHealth',
      'DescribeTrustStores',
    ],
  },
  {
    sid: 'ReadCertificates',
    service: 'acm',
    operations: ['DescribeCertificate', 'ListCertificates', 'ListTagsForCertificate'],
  },
  { sid: 'FindOwnCertificates', service: 'tag', operations: ['GetResources'] },
  {
    sid: 'CreateCertificates',
    service: 'acm',
    operations: ['AddTagsToCertificate', 'ImportCertificate', 'RequestCertificate'],
  },
  {
    sid: 'ChangeOwnCertificates',
    service: 'acm',
    operations: ['DeleteCertificate', 'RemoveTagsFromCertificate'],
    guarded: 'resource',
  },
  { sid: 'CreateSecurityGroups', service: 'ec2', operations: ['CreateSecurityGroup', 'CreateTags'] },
  {
    sid: 'ChangeOwnSecurityGroups',
    service: 'ec2',
    operations: ['DeleteSecurityGroup', 'DeleteTags'],
    guarded: 'resource',
  },
  {
    // Also in groups of nodes, which do not carry our tags; without --enable-backend-security-group only in our own.
    sid: 'OpenSecurityGroups',
    service: 'ec2',
    operations: ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'],
  },
  {
    sid: 'CreateLoadBalancers',
    service: 'elasticloadbalancing',
    operations: ['AddTags', 'CreateListener', 'CreateLoadBalancer', 'CreateRule', 'CreateTargetGroup'],
  },
  {
    sid: 'ChangeOwnLoadBalancers',
    service: 'elasticloadbalancing',
    operations: [
      'DeleteLoadBalancer',
      'DeleteTargetGroup',
      'ModifyCapacityReservation',
      'ModifyIpPools',
      'ModifyLoadBalancerAttributes',
      'ModifyTargetGroup',
      'ModifyTargetGroupAttributes',
      'RemoveTags',
      'SetIpAddressType',
      'SetSecurityGroups',
      'SetSubnets',
    ],
    guarded: 'resource',
  },
  {
    // Target groups of TargetGroupBindings are made by others, without our tags.
    sid: 'FillTargetGroups',
    service: 'elasticloadbalancing',
    operations: ['DeregisterTargets', 'RegisterTargets'],
  },
  // The roles that TargetGroupBindings name: docs/target-group-bindings.md.
  { sid: 'ReachOtherAccounts', service: 'sts', operations: ['AssumeRole'], byHand: true },
  // Of the roles that --dns-zone-roles names, in their accounts: docs/dns.md.
  { sid: 'FindZonesOfOthers', service: 'route53', operations: ['GetHostedZone'], byHand: true },
  {
    sid: 'ChangeListenersAndRules',
    service: 'elasticloadbalancing',
    operations: [
      'AddListenerCertificates',
      'DeleteListener',
      'DeleteRule',
      'ModifyListener',
      'ModifyListenerAttributes',
      'ModifyRule',
      'RemoveListenerCertificates',
      'SetRulePriorities',
    ],
    // AssociateWebACL and DisassociateWebACL need it.
    also: ['SetWebACL'],
  },
  {
    sid: 'ProtectLoadBalancers',
    service: 'wafv2',
    operations: ['AssociateWebACL', 'DisassociateWebACL', 'GetWebACLForResource', 'ListWebACLs'],
  },
  {
    sid: 'ShieldLoadBalancers',
    service: 'shield',
    operations: ['CreateProtection', 'DeleteProtection', 'DescribeProtection'],
  },
  {
    sid: 'LogUsersInWithCognito',
    service: 'cognito-idp',
    operations: [],
    // Asked for along with rules that authenticate with Cognito.
    also: ['DescribeUserPoolClient'],
  },
  {
    sid: 'KeepRecords',
    service: 'route53',
    operations: ['ChangeResourceRecordSets', 'ListHostedZones', 'ListResourceRecordSets'],
  },
];

/** The policy document; statements about our own resources ask for the cluster tag where AWS can check it. */
export const iamPolicy = (): string =>
  `${JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: ACTIONS.filter(({ byHand }) => !byHand).map(
        ({ sid, service, operations, also = [], guarded }) => ({
          Sid: sid,
          Effect: 'Allow',
          Action: [...operations, ...also].sort().map((operation) => `${service}:${operation}`),
          Resource: '*',
          ...(guarded && { Condition: { Null: { 'aws:ResourceTag/elbv2.k8s.aws/cluster': 'false' } } }),
        }),
      ),
    },
    null,
    2,
  )}\n`;
