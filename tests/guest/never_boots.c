/* An executable that could be user-mode Linux, but hangs as soon as it is started. */
#include <unistd.h>

int main(void)
{
	for (;;)
		pause();
}
