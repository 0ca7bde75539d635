/** What AWS's ELBv2 model says of members beyond their types (the model's own minima, maxima and patterns). */
import {
  ActionTypeEnum,
  IpAddressType,
  LoadBalancerSchemeEnum,
  LoadBalancerTypeEnum,
  ProtocolEnum,
  RedirectActionStatusCodeEnum,
  RemoveIpamPoolEnum,
  TargetGroupIpAddressTypeEnum,
  TargetTypeEnum,
  TransformTypeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Constraint, Constraints } from '../wire/operation.ts';

const PORT: Constraint = { min: 1, max: 65535 };
const PRIORITY: Constraint = { min: 1, max: 50000 };
const INTERVAL: Constraint = { min: 5, max: 300 };
const TIMEOUT: Constraint = { min: 2, max: 120 };
const THRESHOLD: Constraint = { min: 2, max: 10 };
const PATH: Constraint = { min: 1, max: 1024 };
const PAGE_SIZE: Constraint = { min: 1, max: 400 };
const TAGS: Constraint = { min: 1 };
const ATTRIBUTE_KEY: Constraint = { max: 256, pattern: /^[a-zA-Z0-9._]+$/ };
const TAG_TEXT = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;
const oneOf = (values: Readonly<Record<string, string>>): Constraint => ({ values: Object.values(values) });

/** Members that create and modify share. */
const healthCheck = (shape: string): Constraints => ({
  [`${shape}.HealthCheckIntervalSeconds`]: INTERVAL,
  [`${shape}.HealthCheckTimeoutSeconds`]: TIMEOUT,
  [`${shape}.HealthyThresholdCount`]: THRESHOLD,
  [`${shape}.UnhealthyThresholdCount`]: THRESHOLD,
  [`${shape}.HealthCheckPath`]: PATH,
  [`${shape}.HealthCheckProtocol`]: oneOf(ProtocolEnum),
});

const PAGED = [
  'LoadBalancers',
  'TargetGroups',
  'Listeners',
  'Rules',
  'ListenerCertificates',
  'SSLPolicies',
  'AccountLimits',
  'TrustStores',
  'TrustStoreAssociations',
  'TrustStoreRevocations',
];
const TAGGED = ['LoadBalancer', 'TargetGroup', 'Listener', 'Rule', 'TrustStore'];

export const ELBV2_CONSTRAINTS: Constraints = {
  ...Object.fromEntries(PAGED.map((name) => [`Describe${name}Input.PageSize`, PAGE_SIZE])),
  ...Object.fromEntries(TAGGED.map((name) => [`Create${name}Input.Tags`, TAGS])),
  'AddTagsInput.Tags': TAGS,
  'Tag.Key': { min: 1, max: 128, pattern: TAG_TEXT },
  'Tag.Value': { min: 0, max: 256, pattern: TAG_TEXT },
  'CreateLoadBalancerInput.Scheme': oneOf(LoadBalancerSchemeEnum),
  'CreateLoadBalancerInput.Type': oneOf(LoadBalancerTypeEnum),
  'CreateLoadBalancerInput.IpAddressType': oneOf(IpAddressType),
  'SetIpAddressTypeInput.IpAddressType': oneOf(IpAddressType),
  'SetSubnetsInput.IpAddressType': oneOf(IpAddressType),
  'ModifyLoadBalancerAttributesInput.Attributes': { max: 20 },
  'LoadBalancerAttribute.Key': ATTRIBUTE_KEY,
  'LoadBalancerAttribute.Value': { max: 1024 },
  'TargetGroupAttribute.Key': ATTRIBUTE_KEY,
  'ListenerAttribute.Key': ATTRIBUTE_KEY,
  'CreateTargetGroupInput.Port': PORT,
  'CreateTargetGroupInput.Protocol': oneOf(ProtocolEnum),
  'CreateTargetGroupInput.TargetType': oneOf(TargetTypeEnum),
  'CreateTargetGroupInput.IpAddressType': oneOf(TargetGroupIpAddressTypeEnum),
  ...healthCheck('CreateTargetGroupInput'),
  ...healthCheck('ModifyTargetGroupInput'),
  'TargetDescription.Port': PORT,
  'CreateListenerInput.Port': PORT,
  'CreateListenerInput.Protocol': oneOf(ProtocolEnum),
  'ModifyListenerInput.Port': PORT,
  'ModifyListenerInput.Protocol': oneOf(ProtocolEnum),
  'CreateRuleInput.Priority': PRIORITY,
  'RulePriorityPair.Priority': PRIORITY,
  'Action.Type': oneOf(ActionTypeEnum),
  'Action.Order': { min: 1, max: 50000 },
  'FixedResponseActionConfig.StatusCode': { pattern: /^(2|4|5)\d\d$/ },
  'FixedResponseActionConfig.ContentType': { min: 0, max: 32 },
  'FixedResponseActionConfig.MessageBody': { min: 0, max: 1024 },
  'RedirectActionConfig.Protocol': { pattern: /^(HTTPS?|#\{protocol\})$/ },
  'RedirectActionConfig.Host': { min: 1, max: 128 },
  'RedirectActionConfig.Path': { min: 1, max: 128 },
  'RedirectActionConfig.Query': { min: 0, max: 128 },
  'RedirectActionConfig.StatusCode': oneOf(RedirectActionStatusCodeEnum),
  'RuleCondition.Field': { max: 64 },
  'RuleTransform.Type': oneOf(TransformTypeEnum),
  'CreateTrustStoreInput.Name': { min: 1, max: 32, pattern: /^([a-zA-Z0-9]+-)*[a-zA-Z0-9]+$/ },
  'ModifyIpPoolsInput.RemoveIpamPools[]': oneOf(RemoveIpamPoolEnum),
};
