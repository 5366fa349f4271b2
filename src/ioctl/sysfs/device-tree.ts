/**
 * What programs find in /sys and /dev of the machine's PCI functions, as real folders, files and links in
 * a private place: opened there, they are listed, read and followed without anybody looking on. Links
 * are relative, as the kernel's are, so they lead where they lead in the kernel.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  BLOCK_BYTES,
  BLOCK_CLASS,
  BLOCK_DEVICE_ID,
  BLOCK_REVISION,
  BLOCK_VENDOR_ID,
  WINDOW_BYTES,
} from '../../abi/ioctl/dma-block.ts';
import { PCI_CFG_SPACE_EXP_SIZE } from '../../abi/ioctl/vfio-pci.ts';
import type { ReservedRegionType } from '../../core/hardware/state.ts';
import type { FunctionLook } from '../look.ts';
import { barsOf, ConfigSpace } from '../vfio/config-space.ts';
import { VFIO_DEVICE_MAJOR } from './device-numbers.ts';

const PCI_DEVICES = '/sys/bus/pci/devices';
const ROOT_BUS = '/sys/devices/pci0000:00';
const DRIVER = '/sys/bus/pci/drivers/vfio-pci';
const CLASS = '/sys/class/vfio-dev';
const GROUPS = '/sys/kernel/iommu_groups';
const NODES = '/dev/vfio/devices';

/** Folders of which everything is shown here; the root bus is the host's, but for our functions. */
const FOLDERS = [PCI_DEVICES, DRIVER, CLASS, GROUPS, '/dev/vfio'];
/** What is asked first of every path: it is cheap, and most are not. */
const SHOWN = [
  'dev/vfio',
  'sys/bus/pci',
  'sys/class/vfio-dev',
  'sys/kernel/iommu_groups',
  'sys/devices/pci0000:00',
];
const MAY_BE_THERE = new RegExp(`^/(?:${SHOWN.join('|')})(?:/|$)`);

const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;
const upper = (value: number, digits: number) =>
  value.toString(16).toUpperCase().padStart(digits, '0');

const REGION_TEXT: Readonly<Record<ReservedRegionType, string>> = {
  DIRECT: 'direct',
  DIRECT_RELAXABLE: 'direct-relaxable',
  RESERVED: 'reserved',
  MSI: 'msi',
  SW_MSI: 'msi',
};

/** IORESOURCE_MEM and its size alignment, as a 32-bit BAR has them. */
const MEMORY_RESOURCE = 0x4_0200;
/** Lines of `resource`: BARs, ROM, and those of virtual functions and bridge windows. */
const RESOURCES = 13;

export class DeviceTree {
  private readonly root: string;
  private made = '';

  /** `root`: a private folder. */
  constructor(root: string) {
    this.root = root;
  }

  static mayHave(path: string): boolean {
    return MAY_BE_THERE.test(path);
  }

  /** Where a path lies; null: it is not one of the machine's. */
  find(path: string): string | null {
    const inFolder = FOLDERS.some(folder => path === folder || path.startsWith(`${folder}/`));
    if (!inFolder && !path.startsWith(`${ROOT_BUS}/`)) return null;
    const place = join(this.root, path);
    return existsSync(place) ? place : null;
  }

  /** Shows these functions and no others. */
  show(functions: readonly FunctionLook[]): void {
    const shown = JSON.stringify(functions, (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    if (shown === this.made) return;
    for (const folder of [...FOLDERS, ROOT_BUS]) {
      rmSync(join(this.root, folder), { recursive: true, force: true });
    }
    for (const folder of [PCI_DEVICES, DRIVER, CLASS, GROUPS, NODES]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    for (const look of functions) this.add(look, functions);
    this.made = shown;
  }

  private file(path: string, content: string | Uint8Array): void {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content, { mode: 0o644 });
  }

  private link(path: string, target: string): void {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(relative(dirname(path), target), place);
  }

  private add(look: FunctionLook, functions: readonly FunctionLook[]): void {
    const { bdf, iommuGroupId, vfioNo, physfn } = look;
    const device = `${ROOT_BUS}/${bdf}`;
    const group = `${GROUPS}/${iommuGroupId}`;
    this.addFiles(device, look);
    this.link(`${PCI_DEVICES}/${bdf}`, device);
    this.link(`${device}/subsystem`, '/sys/bus/pci');
    this.link(`${device}/driver`, DRIVER);
    this.link(`${DRIVER}/${bdf}`, device);
    this.link(`${device}/iommu_group`, group);
    this.link(`${group}/devices/${bdf}`, device);
    if (physfn !== null) this.link(`${device}/physfn`, `${ROOT_BUS}/${physfn}`);
    this.file(`${group}/type`, 'DMA\n');
    this.file(
      `${group}/reserved_regions`,
      regionsOf(functions.filter(of => of.iommuGroupId === iommuGroupId)),
    );
    const node = `${device}/vfio-dev/vfio${vfioNo}`;
    this.file(`${node}/dev`, `${VFIO_DEVICE_MAJOR}:${vfioNo}\n`);
    this.file(
      `${node}/uevent`,
      `MAJOR=${VFIO_DEVICE_MAJOR}\nMINOR=${vfioNo}\nDEVNAME=vfio/devices/vfio${vfioNo}\n`,
    );
    this.link(`${node}/device`, device);
    this.link(`${node}/subsystem`, CLASS);
    this.link(`${CLASS}/vfio${vfioNo}`, node);
    this.file(`${NODES}/vfio${vfioNo}`, '');
  }

  private addFiles(device: string, look: FunctionLook): void {
    const id = upper(BLOCK_VENDOR_ID, 4);
    const [high, middle, low] = [BLOCK_CLASS >> 16, (BLOCK_CLASS >> 8) & 0xff, BLOCK_CLASS & 0xff];
    const of = upper(BLOCK_DEVICE_ID, 4);
    const modalias =
      `pci:v0000${id}d0000${of}sv0000${id}sd0000${of}` +
      `bc${upper(high, 2)}sc${upper(middle, 2)}i${upper(low, 2)}`;
    const texts: Readonly<Record<string, string>> = {
      vendor: hex(BLOCK_VENDOR_ID, 4),
      device: hex(BLOCK_DEVICE_ID, 4),
      subsystem_vendor: hex(BLOCK_VENDOR_ID, 4),
      subsystem_device: hex(BLOCK_DEVICE_ID, 4),
      class: hex(BLOCK_CLASS, 6),
      revision: hex(BLOCK_REVISION, 2),
      irq: '0',
      enable: '1',
      numa_node: '-1',
      driver_override: 'vfio-pci',
      modalias,
      uevent: [
        'DRIVER=vfio-pci',
        `PCI_CLASS=${upper(BLOCK_CLASS, 5)}`,
        `PCI_ID=${id}:${of}`,
        `PCI_SUBSYS_ID=${id}:${of}`,
        `PCI_SLOT_NAME=${look.bdf}`,
        `MODALIAS=${modalias}`,
      ].join('\n'),
      resource: resourcesOf(look),
    };
    for (const [name, text] of Object.entries(texts)) this.file(`${device}/${name}`, `${text}\n`);
    const config = new ConfigSpace(look).read(0, PCI_CFG_SPACE_EXP_SIZE);
    this.file(`${device}/config`, config);
  }
}

/** First address, last address and flags of each resource. */
function resourcesOf(look: FunctionLook): string {
  const { block, window } = barsOf(look);
  const bars = new Map([
    [0, { start: block, size: BLOCK_BYTES }],
    [2, { start: window, size: WINDOW_BYTES }],
  ]);
  return Array.from({ length: RESOURCES }, (_, index) => {
    const bar = bars.get(index);
    const [first, last, flags] =
      bar === undefined ? [0, 0, 0] : [bar.start, bar.start + bar.size - 1, MEMORY_RESOURCE];
    return [first, last, flags].map(value => hex(value, 16)).join(' ');
  }).join('\n');
}

/** Source: iommu_group_show_resv_regions. */
function regionsOf(functions: readonly FunctionLook[]): string {
  const lines = functions
    .flatMap(({ reservedRegions }) => reservedRegions)
    .map(({ start, last, type }) => {
      const [from, to] = [start, last].map(value => `0x${value.toString(16).padStart(16, '0')}`);
      return `${from} ${to} ${REGION_TEXT[type]}\n`;
    });
  return [...new Set(lines)].sort().join('');
}
