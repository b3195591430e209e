/* Functions whose places test_places.c looks for. */
#ifndef MUE_TESTS_GUEST_COVERED_H
#define MUE_TESTS_GUEST_COVERED_H

int covered_entered(int n);
int covered_never(int n);

#endif
