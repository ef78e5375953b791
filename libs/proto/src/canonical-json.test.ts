import {
  createFileRegistry,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type JsonValue,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import { EventDetail, OnError, Plan } from './catalog.js';
import { fileDescriptorSet } from './descriptor-set.js';
import { ExecutionEvent, ExecutionQueued, ExecutionSucceeded, StepStatus } from './events.js';
import { Execution, ExecutionStatus, StartExecutionRequest } from './execution.js';

// @bufbuild/protobuf passes the protobuf conformance suite, so it serves as the reference for what ts-proto generates.
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet()));

interface Codec<Message> {
  encode(message: Message): BinaryWriter;
  decode(bytes: Uint8Array): Message;
  toJSON(message: Message): unknown;
  fromJSON(json: unknown): Message;
}

function descriptorOf(typeName: string) {
  const descriptor = registry.getMessage(typeName);
  if (descriptor === undefined) throw new Error(`the descriptor set lacks ${typeName}`);
  return descriptor;
}

/** What JSON.stringify makes of it: the form in which events leave the process. */
function throughText(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

function expectAgreement<Message>(typeName: string, codec: Codec<Message>, message: Message): void {
  const descriptor = descriptorOf(typeName);
  const bytes = codec.encode(message).finish();
  const json = throughText(codec.toJSON(message));

  const referenceJson = toJson(descriptor, fromBinary(descriptor, bytes), { registry });
  const referenceBytes = toBinary(descriptor, fromJson(descriptor, json, { registry }));

  expect(json).to.deep.equal(referenceJson);
  expect(Buffer.from(referenceBytes).equals(Buffer.from(bytes))).to.equal(true);
  expect(codec.decode(bytes)).to.deep.equal(message);
  expect(codec.fromJSON(json)).to.deep.equal(message);
}

describe('generated messages', () => {
  it('write enums, times and durations as canonical proto3 JSON', () => {
    const message = ExecutionSucceeded.fromPartial({
      executionId: '01999999-0000-7000-8000-000000000001',
      sequence: 3,
      occurTime: new Date('2026-01-02T03:04:05.678Z'),
      executionTime: { seconds: 1n, nanos: 5_000_000 },
      outputText: 'é💥',
      steps: [{ position: 1, status: StepStatus.SUCCESS, executionTime: { nanos: 1_000 }, attempts: 1 }],
    });

    expectAgreement('chainprocessor.events.v1.ExecutionSucceeded', ExecutionSucceeded, message);
  });

  it('write bytes as standard base64', () => {
    const message = ExecutionQueued.fromPartial({ planDigest: new Uint8Array([250, 255, 3, 62, 63]) });

    expectAgreement('chainprocessor.events.v1.ExecutionQueued', ExecutionQueued, message);
  });

  it('write the chosen member of a oneof under its own name', () => {
    const message = ExecutionEvent.fromPartial({
      id: 'x:4',
      event: { $case: 'nodeSucceeded', value: { position: 2 } },
    });

    expectAgreement('chainprocessor.events.v1.ExecutionEvent', ExecutionEvent, message);
  });

  it('keep free-form config and doubles in a plan', () => {
    const message = Plan.fromPartial({
      strategyId: 's',
      eventDetail: EventDetail.LIFECYCLE,
      nodes: [
        {
          position: 1,
          config: { text: 'a', list: [null, { deep: true }], number: 1.5, nothing: null, empty: {} },
          policy: {
            timeout: { seconds: 10n },
            retry: { maxAttempts: 3, multiplier: 2, jitter: 0.2 },
            onError: OnError.FALLBACK,
          },
        },
      ],
    });

    expectAgreement('chainprocessor.catalog.v1.Plan', Plan, message);
  });

  it('tell an optional field that is zero from one that is not set', () => {
    const zero = StartExecutionRequest.fromPartial({ strategyRevision: 0 });
    const unset = StartExecutionRequest.fromPartial({});

    expectAgreement('chainprocessor.execution.v1.StartExecutionRequest', StartExecutionRequest, zero);
    expect(
      StartExecutionRequest.decode(StartExecutionRequest.encode(zero).finish()).strategyRevision,
    ).to.equal(0);
    expect(StartExecutionRequest.decode(StartExecutionRequest.encode(unset).finish())).to.include({
      strategyRevision: undefined,
    });
  });

  it('read an enum value of a newer release as UNRECOGNIZED instead of failing', () => {
    const statusFieldWith77 = new Uint8Array([8 << 3, 77]);

    expect(Execution.decode(statusFieldWith77).status).to.equal(ExecutionStatus.UNRECOGNIZED);
  });
});
