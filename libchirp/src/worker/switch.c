/* SPDX-License-Identifier: MIT */
/* switch.c - stack switches: assembly for x86-64 and AArch64, ucontext elsewhere.
 *
 * Only what the ABI lets a function keep across a call is saved: callee-saved registers and, on
 * x86-64, the control words of both floating-point units. No signal mask, so no system call. */
#define _GNU_SOURCE
#include "switch.h"

#include <stdint.h>

#if CH_SWITCH_NATIVE

/* Stores the stack pointer in *from and loads it from `to`. */
void ch_switch_stack(void **from, void *to);

#if defined(__x86_64__)

__asm__(".text\n"
        ".p2align 4\n"
        ".globl ch_switch_stack\n"
        ".hidden ch_switch_stack\n"
        ".type ch_switch_stack, @function\n"
        "ch_switch_stack:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size ch_switch_stack, .-ch_switch_stack\n");

/* Functions start with the stack pointer 8 bytes off a multiple of 16, where call left it. */
enum { FRAME_WORDS = 8, ENTRY_WORD = 7, SPARE_WORDS = 3 };

/* Words of a fresh frame from the bottom: control words, six registers, the address of entry. */
static void
fill_frame(uintptr_t *frame, void (*entry)(void))
{
    uint32_t control[2] = { 0x1f80, 0x037f }; /* power-on values of MXCSR and the x87 word */
    frame[0] = (uintptr_t)control[0] | (uintptr_t)control[1] << 32;
    frame[ENTRY_WORD] = (uintptr_t)entry;
}

#else /* AArch64 */

__asm__(".text\n"
        ".p2align 4\n"
        ".globl ch_switch_stack\n"
        ".hidden ch_switch_stack\n"
        ".type ch_switch_stack, %function\n"
        "ch_switch_stack:\n"
        "    sub sp, sp, #160\n"
        "    stp x19, x20, [sp, #0]\n"
        "    stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32]\n"
        "    stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64]\n"
        "    stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldp x19, x20, [sp, #0]\n"
        "    ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32]\n"
        "    ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64]\n"
        "    ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #160\n"
        "    ret\n"
        ".size ch_switch_stack, .-ch_switch_stack\n");

enum { FRAME_WORDS = 20, ENTRY_WORD = 11, SPARE_WORDS = 2 }; /* 11: x30, the link register */

static void
fill_frame(uintptr_t *frame, void (*entry)(void))
{
    frame[ENTRY_WORD] = (uintptr_t)entry;
}

#endif

void
ch_context_make(ch_context *context, char *stack, size_t size, void (*entry)(void))
{
    /* Words stay free above the frame: entry starts as if called, with a zero return address that
     * ends backtraces, and the alignment that the ABI wants. */
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
    uintptr_t *frame = (uintptr_t *)top - SPARE_WORDS - FRAME_WORDS;
    for (size_t i = 0; i < FRAME_WORDS + SPARE_WORDS; i++)
        frame[i] = 0;
    fill_frame(frame, entry);
    context->sp = frame;
}

void
ch_context_switch(ch_context *from, ch_context *to)
{
    ch_switch_stack(&from->sp, to->sp);
}

#else

void
ch_context_make(ch_context *context, char *stack, size_t size, void (*entry)(void))
{
    getcontext(&context->state);
    context->state.uc_stack.ss_sp = stack;
    context->state.uc_stack.ss_size = size;
    context->state.uc_link = NULL;
    makecontext(&context->state, entry, 0);
}

void
ch_context_switch(ch_context *from, ch_context *to)
{
    swapcontext(&from->state, &to->state);
}

#endif
