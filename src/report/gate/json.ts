/** What a check found → its part of the JSON report. */
import type { CheckReport } from '../../check/index.ts';
import { dataTypeName } from '../../onnx/data-type.ts';
import type { SiteVerification } from '../../verify/sites.ts';

/** @param verifiedOf what verification found at a site, as the report has it elsewhere */
export function checkOf<T>(
  { passed, checks, sites, against, verification }: CheckReport,
  verifiedOf: (it: SiteVerification | undefined) => T,
) {
  const verified = new Map(verification?.sites.map((it) => [it.name, it]));
  return {
    passed,
    against: against ?? null,
    checks: checks.map(({ name, status, detail, findings }) => ({
      name,
      status,
      detail,
      findings: findings.map(({ rule, severity, node, site = null, message, remedy }) => ({
        rule,
        severity,
        node,
        site,
        message,
        remedy,
      })),
    })),
    sites: sites.map(({ name, norm, record, state }) => ({
      name,
      path: norm.path,
      input: norm.input,
      output: norm.output,
      form: norm.form,
      recogniser: norm.recogniser,
      nodes: norm.nodes.map((node) => node.name),
      elementType: dataTypeName(norm.elementType),
      channels: norm.channels,
      groups: norm.groups,
      epsilon: norm.epsilon,
      scale: norm.scale?.name ?? null,
      bias: norm.bias?.name ?? null,
      recorded: record !== undefined,
      parameters: state,
      verification: verifiedOf(verified.get(name)),
    })),
  };
}
