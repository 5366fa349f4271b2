/**
 * The errnos an operation can answer, with the numbers of Linux on x86-64
 * (include/uapi/asm-generic/errno-base.h and errno.h).
 *
 * iommufd's rule for choosing one (include/uapi/linux/iommufd.h): EINVAL, the call was understood
 * and something in it is wrong; EOPNOTSUPP, a known field has an unsupported value; ENOENT, an id
 * or an IOVA does not exist; ENOTTY, the ioctl number is unknown; E2BIG, the structure is longer
 * than the kernel knows and its tail is not zero.
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  ENOSPC: 28,
  ESPIPE: 29,
  EDEADLK: 35,
  EBADE: 52,
  EOVERFLOW: 75,
  EBADFD: 77,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
} as const;

export type ErrnoName = keyof typeof ERRNO;

/** What a kernel function returns: 0 for success or the name of the errno, as in `if (rc) return rc`. */
export type Errno = 0 | ErrnoName;

/** One plain sentence for each errno: what it says about an iommufd operation. */
export const ERRNO_TEXT: Readonly<Record<ErrnoName, string>> = {
  EPERM: 'The caller may not do this, or the IOMMU group belongs to another context.',
  ENOENT: 'No object of the wanted type has this id in this context.',
  EIO: 'The hardware gave an error.',
  ENXIO: 'The file cannot be opened again by its link.',
  E2BIG: 'The structure is longer than this kernel knows and its tail is not zero.',
  EBADF: 'No file is open under this number.',
  ENOMEM: 'An allocation failed, or a limit on memory was reached.',
  EFAULT: 'A user address is not mapped.',
  EBUSY: 'The object is in use.',
  EEXIST: 'Something is already there.',
  ENODEV: 'The device lacks what the operation needs.',
  ENOTDIR: 'A file is named as a folder.',
  EINVAL: 'An argument is wrong or does not fit the current state.',
  EMFILE: 'The program has no file number left.',
  ENOTTY: 'This kernel does not know the ioctl.',
  ENOSPC: 'No space is left for what was asked.',
  ESPIPE: 'The byte count is not a multiple of the record size.',
  EDEADLK: 'The operation made no progress.',
  EBADE: 'The pages differ from those expected.',
  EOVERFLOW: 'An address range wraps around.',
  EBADFD: 'This number is not an open file of the wanted kind.',
  EMSGSIZE: "The caller's array is too small; the needed number was written back.",
  EOPNOTSUPP: 'A field or flag has a value this kernel does not support here.',
  EADDRINUSE: 'The address range meets one that is mapped, allowed or reserved.',
};
