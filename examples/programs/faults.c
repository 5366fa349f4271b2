/*
 * A program that answers the page faults of its own device: cc -o faults faults.c, then
 * faultline run -- ./faults
 *
 * It nests a page table of its own under an IOAS, lets a device write three pages that the table does
 * not have, and maps each one when the device asks for it. Structures are declared here because
 * headers older than Linux 6.11 lack them; newer ones have them in linux/iommufd.h and linux/vfio.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ioctls of /dev/iommu */
struct ioas_alloc { uint32_t size, flags, out_ioas_id; };
struct ioas_map { uint32_t size, flags, ioas_id, reserved; uint64_t user_va, length, iova; };
struct hwpt_alloc {
	uint32_t size, flags, dev_id, pt_id, out_hwpt_id, reserved, data_type, data_len;
	uint64_t data_uptr;
	uint32_t fault_id, reserved2;
};
struct vtd_s1 { uint64_t flags, pgtbl_addr; uint32_t addr_width, reserved; };
struct fault_alloc { uint32_t size, flags, out_fault_id, out_fault_fd; };
struct pgfault {
	uint32_t flags, dev_id, pasid, grpid, perm, reserved;
	uint64_t addr;
	uint32_t length, cookie;
};
struct page_response { uint32_t cookie, code; };
enum { IOAS_ALLOC = 0x3b81, IOAS_MAP = 0x3b85, HWPT_ALLOC = 0x3b89, FAULT_QUEUE_ALLOC = 0x3b8e };
enum { NEST_PARENT = 1, FAULT_ID_VALID = 4, DATA_VTD_S1 = 1, FIXED_WRITEABLE_READABLE = 7 };

/* ioctls of a VFIO device file */
struct bind_iommufd { uint32_t argsz, flags; int32_t iommufd; uint32_t out_devid; };
struct attach_pt { uint32_t argsz, flags, pt_id; };
struct irq_set { uint32_t argsz, flags, index, start, count; int32_t fd; };
enum { SET_IRQS = 0x3b6e, BIND_IOMMUFD = 0x3b76, ATTACH_IOMMUFD_PT = 0x3b77 };
enum { MSI = 1, EVENTFD_TRIGGER = 4 | 32 };
static const off_t CONFIG = (off_t)7 << 40;

/* the device's registers in BAR 0 (docs/PROGRAMS.md) */
struct channel { uint64_t iova; uint32_t length, pasid, fill; };
enum { IRQ_ENABLE = 0x10, CHANNEL = 0x100, COMMAND = 0x11c, STATUS = 0x120, WRITE = 2, DONE = 2 };

enum { PAGE = 4096, GUEST_PAGES = 64, FIRST_DATA_PAGE = 16, PAGES = 3, FILL = 0x5a };
static const uint64_t IOVA = 0x40000000;
static const uint64_t PRESENT_WRITABLE_USER = 7;

static void check(int done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void call(int file, unsigned long request, void *structure, const char *what)
{
	check(ioctl(file, request, structure) == 0, what);
}

static void poke(int device, off_t offset, const void *bytes, size_t size)
{
	check(pwrite(device, bytes, size, offset) == (ssize_t)size, "a register");
}

static void poke32(int device, off_t offset, uint32_t value)
{
	poke(device, offset, &value, sizeof(value));
}

/* the guest's page table is in pages 1 to 4 of its memory */
static void set_entry(uint8_t *guest, int table, unsigned int index, uint64_t target)
{
	((uint64_t *)(guest + table * PAGE))[index] = target | PRESENT_WRITABLE_USER;
}

static void map_page(uint8_t *guest, uint64_t iova)
{
	set_entry(guest, 4, iova >> 12 & 511, FIRST_DATA_PAGE * PAGE + (iova - IOVA));
}

/* reads what came to the queue, maps it, answers */
static void answer(int queue, uint8_t *guest)
{
	struct pgfault messages[PAGES];
	ssize_t bytes = read(queue, messages, sizeof(messages));

	check(bytes >= 0, "read of the fault queue");
	for (size_t i = 0; i < bytes / sizeof(*messages); i++) {
		struct page_response response = { messages[i].cookie, 0 };

		printf("page %#llx\n", (unsigned long long)messages[i].addr);
		map_page(guest, messages[i].addr);
		check(write(queue, &response, sizeof(response)) == sizeof(response), "the answer");
	}
}

static int nest(int iommu, uint32_t dev_id, uint8_t *guest, uint32_t *out_nested)
{
	struct ioas_alloc ioas = { sizeof(ioas) };
	struct fault_alloc fault = { sizeof(fault) };

	call(iommu, IOAS_ALLOC, &ioas, "IOAS_ALLOC");
	struct ioas_map map = { sizeof(map), FIXED_WRITEABLE_READABLE, ioas.out_ioas_id, 0,
				(uintptr_t)guest, GUEST_PAGES * PAGE, 0 };
	call(iommu, IOAS_MAP, &map, "IOAS_MAP");
	struct hwpt_alloc parent = { .size = sizeof(parent), .flags = NEST_PARENT,
				     .dev_id = dev_id, .pt_id = ioas.out_ioas_id };
	call(iommu, HWPT_ALLOC, &parent, "HWPT_ALLOC of the parent");
	call(iommu, FAULT_QUEUE_ALLOC, &fault, "FAULT_QUEUE_ALLOC");
	struct vtd_s1 root = { 0, 1 * PAGE, 48, 0 };
	struct hwpt_alloc nested = { .size = sizeof(nested), .flags = FAULT_ID_VALID,
				     .dev_id = dev_id, .pt_id = parent.out_hwpt_id,
				     .data_type = DATA_VTD_S1, .data_len = sizeof(root),
				     .data_uptr = (uintptr_t)&root, .fault_id = fault.out_fault_id };
	call(iommu, HWPT_ALLOC, &nested, "HWPT_ALLOC of the nested one");
	*out_nested = nested.out_hwpt_id;
	return fault.out_fault_fd;
}

static void start(int device, int ended)
{
	struct irq_set irq = { sizeof(irq), EVENTFD_TRIGGER, MSI, 0, 1, ended };
	struct channel dma = { IOVA, PAGES * PAGE, 0, FILL };
	uint16_t memory_and_bus_master = 2 | 4;

	poke(device, CONFIG + 4, &memory_and_bus_master, sizeof(memory_and_bus_master));
	call(device, SET_IRQS, &irq, "SET_IRQS");
	poke32(device, IRQ_ENABLE, 1);
	poke(device, CHANNEL, &dma, 20);
	poke32(device, COMMAND, WRITE);
}

int main(void)
{
	int iommu = open("/dev/iommu", O_RDWR);
	int device = open("/dev/vfio/devices/vfio0", O_RDWR);
	int ended = eventfd(0, 0);
	uint8_t *guest = mmap(NULL, GUEST_PAGES * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct bind_iommufd bind = { sizeof(bind), 0, iommu, 0 };
	struct attach_pt attach = { sizeof(attach) };
	uint32_t status[2];

	check(iommu >= 0, "/dev/iommu");
	check(device >= 0, "/dev/vfio/devices/vfio0");
	check(guest != MAP_FAILED, "mmap");
	call(device, BIND_IOMMUFD, &bind, "BIND_IOMMUFD");
	for (int level = 3; level > 0; level--)
		set_entry(guest, 4 - level, IOVA >> (12 + 9 * level) & 511, (5 - level) * PAGE);
	int queue = nest(iommu, bind.out_devid, guest, &attach.pt_id);
	call(device, ATTACH_IOMMUFD_PT, &attach, "ATTACH_IOMMUFD_PT");
	start(device, ended);

	struct pollfd files[] = { { queue, POLLIN, 0 }, { ended, POLLIN, 0 } };
	do {
		check(poll(files, 2, -1) >= 0, "poll");
		if (files[0].revents)
			answer(queue, guest);
	} while (!files[1].revents);

	check(pread(device, status, sizeof(status), STATUS) == sizeof(status), "STATUS");
	if (status[0] != DONE) {
		fprintf(stderr, "the DMA failed: status %u, error %u\n", status[0], status[1]);
		return 1;
	}
	for (int i = 0; i < PAGES * PAGE; i++) {
		if (guest[FIRST_DATA_PAGE * PAGE + i] != FILL) {
			fprintf(stderr, "the DMA wrote something else\n");
			return 1;
		}
	}
	printf("done: %d bytes of %#x\n", PAGES * PAGE, FILL);
	return 0;
}
