#!/bin/sh
# mmu.sh BACHSIM PROGRAM SOURCE short|long: bachsim's hart against QEMU's. PROGRAM is riscv_mmu (mmu.cc).
# Needs Debian's qemu-system-misc and gcc-riscv64-unknown-elf.
set -eu
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
riscv64-unknown-elf-gcc -nostdlib -march=rv64i_zicsr_zifencei -mabi=lp64 -Wl,-Ttext=0,-e,start \
  -o "$folder/prober.elf" "$here/prober.S"
riscv64-unknown-elf-objcopy -O binary -j .text "$folder/prober.elf" "$folder/prober"
"$2" "$1" "$folder/prober" "$3" "$4" "$folder" || {
  status=$?
  cat "$folder"/*.log
  exit $status
}
