/** A state with something in every field. */
import { DEVICES } from '../../../src/sim/machine.ts';
import { SHARED_GROUP } from '../machine/setups.ts';
import { given, type Machine } from '../machine/table.ts';

export function full(): Machine {
  return given(DEVICES, SHARED_GROUP).run(`
    open
    attach a fault
    attach b fault
    d = bind 0000:04:00.0
    attach d ioas
    m = mock ioas flags=1
    n = mock ioas
    destroy m
    send 0000:02:00.0 grpid=1 addr=0x123000
    send 0000:02:00.0 grpid=2
    send 0000:02:00.0 grpid=3
    read q 80
    write q to=1:0
    send 0000:02:00.0 grpid=4 more
    detach a
    unbind a
    destroy plain
    open lock=16 hole=64
    i = ioasAlloc ctx=3
    x = mock i ctx=3
    dirty = hwptAlloc x.dev i flags=2 ctx=3
    map i 0x1000000 0x4000 ctx=3
    map i 0x1004000 0x1000 va=0x10008000 ctx=3
    track dirty ctx=3
    dirty dirty 0x1000800 0x1000 ctx=3
    reserve i 0x20000000 0x1000 ctx=3
    reserve i 0x20000800 0x1000 ctx=3
    allow i to=0x40000000-0x40ffffff ctx=3
    acc = access i pins ctx=3
    acc2 = access i ctx=3
    pin acc 0x1001000 0x2000 ctx=3
    rw acc 0x1000ff0 0x20 write fill=7 ctx=3
    rw acc 0x1002000 0x10 write fill=0 ctx=3
    vfioIoas 1 ioas=1 ctx=3
    open counted user=5
    option 0 0 0 val=1 ctx=4
    bare = ioasAlloc ctx=4
    map bare 0x1000800 0x800 va=3 ctx=4
    option 1 1 bare ctx=4
  `);
}
