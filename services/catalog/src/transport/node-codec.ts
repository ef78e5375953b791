import { z } from 'zod';
import { FieldInvalidError, type FieldViolation } from '@chain-processor/errors';
import {
  checkRequest,
  decodePageToken,
  decodeRequest,
  encodePageToken,
  requestId,
  resourceId,
} from '@chain-processor/service-kit';
import type {
  CreateNodeRequest,
  ListNodesRequest,
  ListNodesResponse,
  Node as ProtoNode,
} from '@chain-processor/proto/catalog';
import { NodeCodeInvalidError, TextTooLargeError, codeViolations, tooLarge } from '../domain/errors.js';
import { isJsonObject } from '../domain/json-object.js';
import { MAX_CODE_BYTES } from '../domain/node-code.js';
import type { NodeRules } from '../domain/node-rules.js';
import type { Node, NodeDraft, NodeSummary } from '../domain/node.js';
import type { NodeFilter, Page, PageRequest } from '../domain/page.js';
import type { CreateNodeCommand } from '../usecases/create-node.js';
import { description, jsonObject, name, tags } from './field-codec.js';
import { cursorSchema, listShape } from './list-codec.js';

const createNodeSchema = z.object({
  node: z.object(
    {
      name: name(),
      description: description(),
      code: z.string().superRefine((code, context) => {
        if (code === '') context.addIssue('is required');
        if (code.includes('\0')) context.addIssue('must not contain the character U+0000');
      }),
      metadata: jsonObject(),
      tags: tags(),
    },
    { error: 'is required' },
  ),
  requestId: requestId(),
  validateOnly: z.boolean(),
});

const nodeIdSchema = z.object({ nodeId: resourceId() });
const listNodesSchema = z.object({ ...listShape(), isBuiltin: z.boolean().optional() });

/**
 * @throws FieldInvalidError with all violations, those of the code included; NodeCodeInvalidError or TextTooLargeError when
 *   nothing but the code is wrong.
 */
export function decodeCreateNode(request: CreateNodeRequest, rules: NodeRules): CreateNodeCommand {
  const checked = checkRequest(createNodeSchema, request);
  const content = contentFaults(request, rules);
  if (!checked.isValid || content.fields.length > 0) {
    const structural = checked.isValid ? [] : checked.violations;
    throw new FieldInvalidError([...structural, ...content.fields, ...content.codeViolations]);
  }
  if (content.codeError !== undefined) throw content.codeError;
  const { node, ...rest } = checked.value;
  return { draft: node, ...rest };
}

interface ContentFaults {
  readonly fields: readonly FieldViolation[];
  readonly codeViolations: readonly FieldViolation[];
  /** What to answer when nothing but the code is wrong. */
  readonly codeError: Error | undefined;
}

const CODE_FIELD = 'node.code';
const noFaults: ContentFaults = { fields: [], codeViolations: [], codeError: undefined };

/** Parses only code of a bearable size, and only metadata that is stored as it is. */
function contentFaults({ node }: CreateNodeRequest, rules: NodeRules): ContentFaults {
  if (node === undefined) return noFaults;
  const bytes = Buffer.byteLength(node.code);
  if (bytes > MAX_CODE_BYTES) {
    return {
      fields: [],
      codeViolations: [{ field: CODE_FIELD, description: tooLarge(bytes, MAX_CODE_BYTES) }],
      codeError: new TextTooLargeError(CODE_FIELD, bytes, MAX_CODE_BYTES),
    };
  }
  const metadata = jsonObject().safeParse(node.metadata);
  if (!metadata.success || !isJsonObject(metadata.data) || node.code === '') return noFaults;
  const faults = rules.faultsOf({ code: node.code, metadata: metadata.data }, 'node.metadata');
  return {
    fields: faults.fields,
    codeViolations: codeViolations(CODE_FIELD, faults.code),
    codeError: faults.code.length === 0 ? undefined : new NodeCodeInvalidError(CODE_FIELD, faults.code),
  };
}

/** @throws FieldInvalidError */
export function decodeNodeId(request: { readonly nodeId: string }): string {
  return decodeRequest(nodeIdSchema, request).nodeId;
}

/** What a list asks for; `list` is what its page tokens belong to. */
export interface ListNodesQuery {
  readonly filter: NodeFilter;
  readonly page: PageRequest;
  readonly list: object;
}

/** @throws FieldInvalidError, PageTokenInvalidError */
export function decodeListNodes(request: ListNodesRequest): ListNodesQuery {
  const { pageSize, pageToken, ...filter } = decodeRequest(listNodesSchema, request);
  const list = { method: 'ListNodes', ...filter };
  return {
    filter,
    page: { size: pageSize, after: decodePageToken(list, pageToken, cursorSchema) },
    list,
  };
}

export function toListNodesResponse(page: Page<NodeSummary>, list: object): ListNodesResponse {
  return {
    nodes: page.items.map((node) => toProtoNode({ ...node, code: '' })),
    nextPageToken: page.next === undefined ? '' : encodePageToken(list, page.next),
  };
}

export function toProtoNode(node: Node): ProtoNode {
  return {
    ...toProtoDraft(node),
    id: node.id,
    createdById: node.createdById ?? '',
    isBuiltin: node.isBuiltin,
    isActive: node.isActive,
    createTime: node.createdAt,
    updateTime: node.updatedAt,
    version: node.version,
    etag: `v${node.version}`,
  };
}

/** A node as it would be stored: the answer to a call that only validates, without id, times and version. */
export function toProtoDraft(draft: NodeDraft): ProtoNode {
  return {
    id: '',
    name: draft.name,
    description: draft.description,
    code: draft.code,
    createdById: '',
    isBuiltin: false,
    isActive: true,
    metadata: { ...draft.metadata },
    tags: [...draft.tags],
    createTime: undefined,
    updateTime: undefined,
    version: 0,
    etag: '',
  };
}
