# A program for machine mode that tries accesses as user mode makes them, and writes down what came of each.
#
# It lies behind the memory that it tries, on a page of its own. The next page begins with two words: the end of the
# records, and the end of that memory. Records of six words follow (probe.h): operation, address and operand, and room
# for cause, trap value and value. The tables decide on loads and stores as MPRV is set and MPP is user mode; fetches
# are made in user mode itself.
  .option norvc
  .equ MEMORY, 0x80000000
  .equ RECORD, 48
  .equ MPRV, 1 << 17
  .equ MPP, 3 << 11
  .equ MTIE, 1 << 7
  .equ MTIMECMP, 0x2004000
  .equ MTIME, 0x200bff8
  .equ PATIENCE, 1000000  # a tenth of a second
  .equ FINISHER, 0x100000
  .equ PASS, 0x5555
  .equ C_EBREAK, 0x9002
  .equ SET_SATP, 0
  .equ FETCH, 1

  .globl start
  .text
start:
  lla t0, trapped
  csrw mtvec, t0
  li t0, MTIE
  csrw mie, t0
  # Physical memory protection leaves user mode the memory of the image, so that all else is beyond memory.
  lla s0, start
  li t0, 4096
  add s0, s0, t0
  li t0, MEMORY >> 2
  csrw pmpaddr0, t0
  ld t0, 8(s0)
  srli t0, t0, 2
  csrw pmpaddr1, t0
  li t0, 0x0f00  # entry 1: from the address of entry 0 to its own, all rights
  csrw pmpcfg0, t0
  addi s1, s0, 16

next:  # s1: the record
  ld t0, 0(s0)
  bgeu s1, t0, finished
  csrw mscratch, s1
  li s2, -1  # no trap
  li s3, 0
  li s4, 0
  ld a0, 0(s1)
  ld a1, 8(s1)
  ld a2, 16(s1)
  li t0, SET_SATP
  beq a0, t0, set_satp
  li t0, FETCH
  beq a0, t0, fetch
  # A load or a store: the word of `accesses` that has this number, from 2 on.
  slli a0, a0, 3
  lla t0, accesses - 16
  add t0, t0, a0
  li t1, MPP
  csrc mstatus, t1
  li t1, MPRV
  csrs mstatus, t1
  jr t0

accesses:
  lbu s4, 0(a1)
  j record
  lhu s4, 0(a1)
  j record
  lwu s4, 0(a1)
  j record
  ld s4, 0(a1)
  j record
  sb a2, 0(a1)
  j record
  sh a2, 0(a1)
  j record
  sw a2, 0(a1)
  j record
  sd a2, 0(a1)
  j record

set_satp:
  csrw satp, a2
  sfence.vma
  csrr s4, satp
  j record

fetch:  # of a c.ebreak, which is put at the operand, a physical address, if there is one
  beqz a2, fetch_there
  lhu t0, 0(a2)
  sd t0, 40(s1)
  li t0, C_EBREAK
  sh t0, 0(a2)
  fence.i
fetch_there:
  li t0, MTIME  # should it run away, the timer ends it
  ld t1, 0(t0)
  li t0, PATIENCE
  add t1, t1, t0
  li t0, MTIMECMP
  sd t1, 0(t0)
  li t0, MPP
  csrc mstatus, t0
  csrw mepc, a1
  mret

  .balign 4
trapped:
  li t0, MPRV
  csrc mstatus, t0
  lla s0, start
  li t0, 4096
  add s0, s0, t0
  csrr s1, mscratch
  csrr s2, mcause
  csrr s3, mtval
  ld t0, 0(s1)
  li t1, FETCH
  bne t0, t1, record
  csrr s4, mepc
  ld t0, 16(s1)
  beqz t0, record
  ld t1, 40(s1)
  sh t1, 0(t0)

record:
  li t0, MPRV
  csrc mstatus, t0
  sd s2, 24(s1)
  sd s3, 32(s1)
  sd s4, 40(s1)
  addi s1, s1, RECORD
  j next

finished:
  li t0, FINISHER
  li t1, PASS
  sw t1, 0(t0)
  j finished
