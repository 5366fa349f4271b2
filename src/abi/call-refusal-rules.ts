/** The calls that are taken of a program. */
export const SYSTEM_CALLS = ['ioctl', 'read', 'write', 'lseek', 'dup', 'mmap', 'open'] as const;
export type SystemCall = (typeof SYSTEM_CALLS)[number];

/** Files that iommufd and VFIO hand out. */
export const CALL_FILES = ['CONTEXT', 'FAULT', 'ACCESS', 'DEVICE'] as const;
export type CallFile = (typeof CALL_FILES)[number];

/**
 * The rules by which a system call on iommufd's files fails before it is an operation; as
 * REFUSAL_RULES, of which they are part.
 */
export const CALL_REFUSAL_RULES = {
  IOCTL_UNKNOWN: '{request}: {file} has no ioctl of this number.',
  IOCTL_SIZE_ABSENT: '{request}: no size can be read where the structure is.',
  IOCTL_STRUCT_ABSENT: '{request}: not all of the structure can be read; its size is {given}.',
  IOCTL_STRUCT_TOO_SMALL: '{request}: size {given} is below what the kernel wants first, {least}.',
  IOCTL_TAIL_NOT_ZERO:
    '{request}: size {given} is above the {most} bytes that this kernel knows, and what follows is not zero.',
  IOCTL_TAIL_ABSENT:
    '{request}: size {given} is above the {most} bytes that this kernel knows, and what follows cannot be read.',
  IOCTL_RESERVED: '{request}: a reserved word is {given} and must be 0.',
  IOCTL_OP_UNKNOWN: '{request}: op {given} is no operation of this ioctl.',
  IOCTL_ARRAY_REFUSED: '{request}: an array of {given} entries.',
  FILE_HAS_NO_CALL: '{call}: {file} has no such operation.',
  IOVEC_REFUSED: '{call}: {given} pieces, or their lengths, or the array that names them.',
  OFFSET_REFUSED: '{call}: the file has no offsets, and knows no flags of this call.',
  NO_NUMBER_FREE: '{call}: RLIMIT_NOFILE leaves the program no file number.',
  IOCTL_ARGSZ_TOO_SMALL: '{request}: argsz {given} ends before a field that the kernel reads.',
  IOCTL_FIELD_REFUSED: '{request}: flags, an index or a count in it.',
  DEVICE_NOT_BOUND: '{call}: {file} is not bound: VFIO_DEVICE_BIND_IOMMUFD comes first.',
  DEVICE_IS_BOUND: '{call}: {file} is bound already.',
  IOMMUFD_ABSENT: '{request}: file {given} of the program is no iommufd.',
  REGION_REFUSED: '{call}: what lies at offset {given} of {file} is no region that takes it.',
  DEVICE_ABSENT: '{call}: there is no VFIO device {given}.',
  CALL_REFUSED: '{call}: an argument of it.',
} as const;

export type CallRefusalRule = keyof typeof CALL_REFUSAL_RULES;
